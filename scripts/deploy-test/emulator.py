"""MiniStack, which stands for AWS in the deployment test, with what it lacks for Mem."""

from ministack.app import main
from ministack.services import kinesis
from ministack.services.cloudformation import provisioners

make_record = provisioners._cw_metric_alarm_record
next_sequence_number = kinesis._next_sequence_number


def alarm_of_first_metric(name, props):
    """It knows no alarm on an expression: such an alarm is made on the first metric of its expression."""
    stats = [metric["MetricStat"] for metric in props.get("Metrics") or [] if "MetricStat" in metric]
    if not stats:
        return make_record(name, props)
    rest = {key: value for key, value in props.items() if key != "Metrics"}
    return make_record(name, {**rest, **stats[0]["Metric"], "Statistic": stats[0]["Stat"], "Period": stats[0]["Period"]})


def sequence_number_without_zeros():
    """Its sequence numbers begin with zeros, which those of Kinesis, being numbers, never do."""
    return "4" + next_sequence_number()[1:]


provisioners._cw_metric_alarm_record = alarm_of_first_metric
kinesis._next_sequence_number = sequence_number_without_zeros
main()
