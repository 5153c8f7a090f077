"""The demo shop's help desk: departments, conversations in every state, a few articles, an announcement, two holidays.

Conversations are held by the services that hold real ones; ``load`` may run again and leaves what is there.
"""

from tickets.demo import conversations, departments, knowledge


def load() -> None:
    departments.load()
    knowledge.load()
    conversations.load()
