"""The fact ``exported``: ``exported()`` names what left by the exporters somebody configured process-wide."""

from collections.abc import Callable, Iterator

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from redoubt.proof import fact


@fact(reads=[])
def exported() -> Callable[[], list[str]]:
    spans, records, reader = (
        InMemorySpanExporter(),
        InMemoryLogRecordExporter(),  # type: ignore[no-untyped-call]
        InMemoryMetricReader(),
    )
    tracing, logging = TracerProvider(), LoggerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(spans))
    logging.add_log_record_processor(SimpleLogRecordProcessor(records))
    trace.set_tracer_provider(tracing)
    _logs.set_logger_provider(logging)
    metrics.set_meter_provider(MeterProvider([reader]))

    def left() -> Iterator[str]:
        yield from (f"span {span.name}" for span in spans.get_finished_spans())
        yield from (f"record {one.log_record.event_name}" for one in records.get_finished_logs())
        found = reader.get_metrics_data()
        for resource in found.resource_metrics if found else ():
            for scope in resource.scope_metrics:
                yield from (f"metric {metric.name}" for metric in scope.metrics)

    return lambda: list(left())
