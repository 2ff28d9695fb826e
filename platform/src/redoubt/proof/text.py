"""What ``redoubt verify`` prints: the counts first, then what fails, then what is not known."""

from __future__ import annotations

from collections.abc import Iterator

from redoubt.proof.results import Judged, Report


def lines(report: Report, *, everything: bool = False) -> Iterator[str]:
    """Yield the report for a terminal, worst things last so that they stay in sight."""
    counts = report.counts()
    controls = len({item.room.id for item in report.judged})
    yield (
        f"not-evaluated {counts['not-evaluated']} (of them planned {counts['planned']})  "
        f"external {counts['external']}  waived {counts['waived']}  |  pass {counts['pass']}  "
        f"fail {counts['fail']}  off {counts['off']}  |  {controls} controls, tier {report.tier}, "
        f"{report.seconds:.1f} s"
    )
    if report.partial:
        yield report.partial
    for item in report.judged:
        if everything or item.result in ("not-evaluated", "external", "waived"):
            yield from _item(item)
    for item in report.judged:
        if item.result == "fail":
            yield from _item(item)
    for finding in report.findings:
        yield f"FAIL           {finding.about}: {finding.message}"
        yield f"               remedy: {finding.remedy}"


def _item(item: Judged) -> Iterator[str]:
    word = item.result.upper() if item.failing else item.result
    note = " (reported, does not block)" if item.result == "fail" and not item.blocking else ""
    yield f"{word:<14} {item.requirement.id} {item.requirement.claim}{note}"
    if item.result == "pass":
        return
    plan = item.requirement.planned
    if plan:
        yield f"               planned: part {plan.part}, {plan.component}"
    if item.why:
        yield f"               why: {item.why}"
    if item.remedy:
        yield f"               remedy: {item.remedy}"
