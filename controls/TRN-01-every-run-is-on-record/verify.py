"""Proves TRN-01: a run is on record with all that it rests on, or it cannot be registered."""

import pytest

from redoubt import bundle, digests, run_record
from redoubt.proof import proves
from redoubt.records import Run, Splits
from redoubt.settings import Settings
from redoubt.training import code_state, environment

TOLD = ("author", "commit", "tree", "dataset", "lineage", "splits", "environment", "lock", "image",
        "seed", "tier", "profile", "run")  # fmt: skip


@proves("TRN-01.1")
def test_the_signed_record_names_code_data_environment_seed_author_and_tier(trainer):
    bench = trainer()
    run, root = bench.run, bench.settings.root
    assert (list(bench.ledger.all(Run)), bench.problems(run)) == ([run], [])
    assert (run.author.subject, run.tier, run.profile) == ("mira", bench.project.tier, "pd")
    assert (run.seed, run.parameters["random_state"]) == (7, 7)
    assert (run.code.tree, run.code.basis) == (code_state.tree(root), "tree")
    assert run.environment.lock == digests.digest_files(
        digests.tree(root, root.glob("requirements/*"))
    )
    assert run.environment.packages == digests.digest_of(environment.installed())
    (splits,) = bench.ledger.all(Splits)
    assert all(run.metrics[f"auc_{split}"].n == splits.rows[split] for split in run_record.JUDGED)
    for auc in (metrics[f"auc_{split}"] for metrics in (run.metrics, run.challenger)
                for split in run_record.JUDGED):  # fmt: skip
        assert 0.5 < auc.low < auc.value < auc.high < 1


@proves("TRN-01.2")
def test_mlflow_tells_the_same_tags_parameters_metrics_dataset_and_files(trainer):
    bench = trainer()
    run, told = bench.run, bench.told
    assert (told.info.status, run_record.tag_problems(run, told.data.tags)) == ("FINISHED", [])
    assert {f"redoubt.{name}" for name in TOLD} <= run_record.tags(run).keys()
    assert told.data.params == {name: str(value) for name, value in run.parameters.items()}
    for name, metric in run.metrics.items():
        names = (name, f"{name}_low", f"{name}_high")
        assert tuple(map(told.data.metrics.get, names)) == (metric.value, metric.low, metric.high)
    assert told.inputs is not None
    (given,) = told.inputs.dataset_inputs
    assert run.dataset.removeprefix("sha256:").startswith(given.dataset.digest)
    wanted = digests.tree(bench.folder, bench.folder.iterdir())
    assert bench.artefacts() == wanted
    assert set(wanted) == {*bundle.FILES, bundle.MANIFEST}


@proves("TRN-01.3")
def test_the_code_is_clean_only_when_a_commit_holds_every_file_of_it(checkout):
    found = {name: code_state.read(folder) for name, folder in checkout()}
    assert [name for name, code in found.items() if code.clean] == ["committed"]
    assert found["hidden"].tree == found["edited"].tree != found["committed"].tree
    assert [name for name, code in found.items() if code.commit is None] == ["elsewhere"]


@proves("TRN-01.4")
def test_outside_development_a_run_from_a_dirty_tree_or_no_commit_is_not_complete(trainer):
    bench = trainer()
    production = Settings(root=bench.settings.root, environment="production")
    for changes, words in (
        ({"commit": "a" * 40, "clean": True, "basis": "git"}, ""),
        ({"commit": "a" * 40, "clean": False, "basis": "git"}, "the tree had changes"),
        ({}, "the code is in no commit"),
    ):
        found = bench.problems(bench.code(**changes), production)
        assert "; ".join(found)[: len(words) or None] == words


@proves("TRN-01.5")
def test_a_run_record_that_lacks_something_refuses_registration(trainer):
    bench = trainer()
    for changes, words in bench.forgeries():
        code, message = bench.register(bench.forge(**changes))
        assert (code, "record is not complete" in message, words in message) == (1, True, True)
    assert bench.register(bench.forge(seed=8)) == (0, "registered")


@proves("TRN-01.6")
@pytest.mark.parametrize("tag", ["redoubt.dataset", "redoubt.lock", "redoubt.commit"])
def test_a_run_whose_tag_is_missing_or_changed_in_mlflow_refuses_registration(trainer, tag):
    bench = trainer()
    bench.client.set_tag(bench.run.run_id, tag, "another")
    assert bench.register(bench.digest)[0] == 1
    bench.client.delete_tag(bench.run.run_id, tag)
    code, message = bench.register(bench.digest)
    assert (code, f"tag {tag} is None" in message) == (1, True)
    bench.client.set_tag(bench.run.run_id, tag, run_record.tags(bench.run)[tag])
    assert bench.register(bench.digest)[0] == 0


@proves("TRN-01.7")
def test_the_models_run_is_complete_and_on_the_ledger(registered):
    run = registered.bundle.run
    problems = run_record.problems(run, registered.settings, registered.ledger)
    assert not problems, "; ".join(problems)
    assert run.digest in {one.digest for one in registered.ledger.all(Run)}
