"""Sessions of your own: they stand beside the platform's in `nox --list`.

    @nox.session
    def notebooks(session: nox.Session) -> None:
        session.run("jupyter", "lab", external=True)

A name that the platform uses (lint, tests, verify, prove, evidence, demo) is refused.
"""
