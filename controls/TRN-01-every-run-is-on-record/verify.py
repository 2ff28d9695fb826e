"""Proves TRN-01: a run is on record with all that it rests on, or it cannot be registered."""

import platform

import pytest

from redoubt import bundle, digests, run_record
from redoubt.profiles.pd.reference import recipe
from redoubt.proof import proves
from redoubt.records import Run, Splits
from redoubt.training import code_state, environment

TOLD = ("author", "commit", "tree", "dataset", "lineage", "splits", "environment", "lock", "image",
        "seed", "tier", "profile", "run")  # fmt: skip
CODE = ("src/a.py", "platform/src/a.py", "conf/a.yml", "controls/a.yml", "project.yml",
        "pyproject.toml", "requirements/a.txt")  # fmt: skip
IMAGE = "sha256:" + "e" * 64


@proves("TRN-01.1")
def test_the_signed_record_names_code_data_environment_seed_author_and_tier(trainer):
    bench = trainer()
    run, root = bench.run, bench.settings.root
    assert (list(bench.ledger.all(Run)), bench.problems(run)) == ([run], [])
    assert (run.author.subject, run.tier, run.profile) == ("mira", bench.project.tier, "pd")
    assert (run.seed, run.parameters) == (11, recipe.PARAMETERS | {"random_state": 11})
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


@proves("TRN-01.1")
def test_the_metrics_are_those_of_this_model_fitted_on_the_training_rows_alone(contest):
    case = contest.of()
    run = case.bundle.run
    for split in run_record.JUDGED:
        measured, name = case.defined(split)["auc"], f"auc_{split}"
        assert (
            abs(run.metrics[name].value - measured)
            < 1e-3
            < abs(run.challenger[name].value - measured)
        )
        assert case.refitted(split) < 1e-5


@proves("TRN-01.1")
def test_the_environment_names_its_image_its_interpreter_and_every_lock(tmp_path, monkeypatch):
    monkeypatch.setenv(environment.IMAGE, IMAGE)
    found = environment.read(tmp_path)
    assert (found.image, found.python) == (IMAGE, platform.python_version())
    (tmp_path / "requirements").mkdir()
    locks = {found.lock}
    for name in ("train.txt", "serve.txt", "team.txt"):
        (tmp_path / "requirements" / name).write_text("numpy==2.3.4\n")
        locks.add(environment.read(tmp_path).lock)
    assert len(locks) == 4


@proves("TRN-01.2")
def test_mlflow_tells_the_same_tags_parameters_metrics_dataset_and_files(trainer):
    bench = trainer()
    run, told = bench.run, bench.told
    assert (told.info.status, run_record.tag_problems(run, told.data.tags)) == ("FINISHED", [])
    assert told.data.tags["redoubt.bundle"] == bench.digest
    assert {f"redoubt.{name}" for name in TOLD} <= run_record.tags(run).keys()
    assert told.data.params == {name: str(value) for name, value in run.parameters.items()}
    rival = {f"challenger_{name}": metric for name, metric in run.challenger.items()}
    for name, metric in {**run.metrics, **rival}.items():
        names = (name, f"{name}_low", f"{name}_high")
        assert tuple(map(told.data.metrics.get, names)) == (metric.value, metric.low, metric.high)
    assert told.inputs is not None
    (given,) = told.inputs.dataset_inputs
    assert run.dataset.removeprefix("sha256:").startswith(given.dataset.digest)
    wanted = digests.tree(bench.folder, bench.folder.iterdir())
    assert bench.artefacts() == wanted
    assert set(wanted) == {*bundle.FILES, bundle.MANIFEST}


@proves("TRN-01.2")
def test_each_tag_tells_what_its_name_says(trainer):
    run = trainer().code(commit="a" * 40, clean=False, basis="git")
    told = {"tree_state": "dirty", "commit": "a" * 40, "tree": run.code.tree, "seed": "11"}
    told |= {name: getattr(run, name) for name in ("dataset", "lineage", "splits", "profile")}
    told |= {"author": "mira", "tier": "1", "run": run.digest, "lock": run.environment.lock}
    told |= {"image": "none", "environment": run.environment.digest}
    assert {f"redoubt.{name}": value for name, value in told.items()}.items() <= (
        run_record.tags(run).items()
    )


@proves("TRN-01.3")
def test_every_part_of_the_code_counts(tmp_path):
    trees = {code_state.tree(tmp_path)}
    for name in CODE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1\n")
        trees.add(code_state.tree(tmp_path))
    assert len(trees) == len(CODE) + 1


@proves("TRN-01.3")
def test_the_code_is_clean_only_when_a_commit_holds_every_file_of_it(checkout):
    found = {name: code_state.read(folder) for name, folder in checkout()}
    assert [name for name, code in found.items() if code.clean] == ["committed"]
    assert found["hidden"].tree == found["edited"].tree != found["committed"].tree
    assert [name for name, code in found.items() if code.commit is None] == ["elsewhere"]


@proves("TRN-01.3")
def test_where_git_gives_no_answer_the_code_is_not_clean(checkout, monkeypatch):
    (_, folder), ask = next(checkout()), code_state._git
    assert code_state.read(folder).clean
    monkeypatch.setattr(
        code_state, "_git", lambda root, *words: ask(root, *words) if words[0] != "status" else None
    )
    assert not code_state.read(folder).clean


@proves("TRN-01.4")
@pytest.mark.parametrize("where", ["validation", "production"])
def test_outside_development_a_run_from_a_dirty_tree_or_no_commit_is_not_complete(trainer, where):
    bench = trainer()
    production = bench.settings.model_copy(update={"environment": where})
    for changes, words in (
        ({"commit": "a" * 40, "clean": True, "basis": "git"}, ""),
        ({"commit": "a" * 40, "clean": False, "basis": "git"}, "the tree had changes"),
        ({}, "the code is in no commit"),
    ):
        found = bench.problems(bench.code(**changes), production)
        assert "; ".join(found)[: len(words) or None] == words
        assert bench.may_serve(bench.code(**changes), production) is (not words)


@proves("TRN-01.5")
def test_a_run_record_that_lacks_something_refuses_registration(trainer):
    bench = trainer()
    for changes, words in bench.forgeries():
        code, message = bench.register(bench.forge(**changes))
        assert (code, "record is not complete" in message, words in message) == (1, True, True)
    assert bench.register(bench.forge(seed=8)) == (0, "registered")


@proves("TRN-01.5")
def test_every_field_that_a_record_lacks_is_named(trainer):
    bench = trainer()
    for found, words in bench.lacking():
        assert [text[: len(words)] for text in found] == [words]
    code, message = bench.register(bench.forge(kept=False, seed=9))
    assert (code, "not on the ledger" in message) == (1, True)


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
