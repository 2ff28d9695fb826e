"""The contract of the data says enough for data and requests to be judged by it."""

from __future__ import annotations

from redoubt.model import Model


def test_target_time_and_key_are_no_inputs(model: Model) -> None:
    schema = model.schema
    inputs = {column.name for column in schema.inputs}
    assert inputs
    assert not inputs & {schema.target, schema.time, schema.key}


def test_a_protected_column_never_reaches_the_model(model: Model) -> None:
    protected = {column.name for column in model.schema.columns if column.protected}
    assert not protected & {column.name for column in model.schema.inputs}


def test_every_input_says_what_is_plausible(model: Model) -> None:
    for column in model.schema.inputs:
        if column.kind == "category":
            assert column.levels, f"{column.name} lists no levels"
        else:
            assert column.low is not None, f"{column.name} has no low"
            assert column.high is not None, f"{column.name} has no high"
            assert column.low < column.high, f"{column.name}: low is not below high"
