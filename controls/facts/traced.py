"""The fact ``traced``: asks for a decision under a process-wide tracer; gives status and spans."""

from collections.abc import Callable

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from redoubt.proof import fact


@fact(reads=["platform/src/redoubt/*.py", "platform/src/redoubt/serving/**"])
def traced(asked: Callable[[str], int]) -> Callable[[str], tuple[int, list[str]]]:
    def ask(reference: str) -> tuple[int, list[str]]:
        provider, exporter = TracerProvider(), InMemorySpanExporter()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        trace.set_tracer_provider(provider)
        with trace.get_tracer("test").start_as_current_span("of the test"):
            status = asked(reference)
        return status, [span.name for span in exporter.get_finished_spans()]

    return ask
