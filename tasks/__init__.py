"""One Prefect task a step of a clip: a decorator that holds the policy over one call into the domain.

`retries` is 0 everywhere: the domain retries, in one layer. A flow that is run again repeats a step, and the journal
makes that safe. Nothing is cached or persisted by Prefect: the journal decides what is done.
"""
