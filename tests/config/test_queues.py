"""Which line a task stands in: payments wait behind no emails."""

import pytest
from kombu import Connection

from accounts.tasks import deliver
from billing.tasks import run_attempt, sweep_attempts
from config.celery import app


def _lengths(connection: Connection) -> dict[str, int]:
    with connection.channel() as channel:
        return {
            name: queue(channel).queue_declare(passive=True).message_count for name, queue in app.amqp.queues.items()
        }


@pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")
@pytest.mark.parametrize(
    ("task", "lengths"),
    [
        (run_attempt, {"celery": 0, "payments": 1}),
        (sweep_attempts, {"celery": 0, "payments": 1}),
        (deliver, {"celery": 1, "payments": 0}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_task_stands_in_one_line(task, lengths):
    with Connection("memory://") as connection:
        with connection.channel() as channel:
            for queue in app.amqp.queues.values():
                queue(channel).declare()
                queue(channel).purge()
        app.send_task(task.name, args=[1], connection=connection)
        assert _lengths(connection) == lengths


def test_a_worker_takes_from_both():
    assert set(app.amqp.queues.consume_from) == {"celery", "payments"}
