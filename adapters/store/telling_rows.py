"""Alerts and messages as rows and back. Called by telling."""

from adapters.store.instants import instant_of, instant_text
from adapters.store.rows import Row, Values, key_of, time_of, time_text
from core.alerts import Alert, Condition, Edge, Message, Severity, Sort

_SORTS = {sort.word: sort for sort in Sort}


def alert_values(alert: Alert) -> Values:
    """Give the columns of an alert."""
    condition = alert.condition
    return {
        "id": alert.id,
        "identity": condition.identity,
        "sort": condition.sort.word,
        "severity": condition.severity,
        "sentence": condition.sentence,
        "over": condition.over,
        "account": condition.account,
        "vendor": None if condition.customer is None else condition.customer.vendor,
        "customer_id": None if condition.customer is None else condition.customer.customer_id,
        "subject": condition.subject,
        "period": condition.period,
        "rung": condition.rung,
        "since": instant_text(alert.since),
        "told_at": time_text(alert.told_at),
        "told_to": " ".join(sorted(alert.told_to)),
        "ended_at": time_text(alert.ended_at),
    }


def alert_of(row: Row) -> Alert:
    """Read an alert; raises ValueError."""
    return Alert(
        id=row["id"],
        condition=Condition(
            sort=_sort(row["sort"]),
            severity=Severity(row["severity"]),
            sentence=row["sentence"],
            over=row["over"],
            account=row["account"],
            customer=None if row["vendor"] is None else key_of(row),
            subject=row["subject"],
            period=row["period"],
            rung=row["rung"],
        ),
        since=instant_of(row["since"]),
        told_at=time_of(row["told_at"]),
        told_to=frozenset(row["told_to"].split()),
        ended_at=time_of(row["ended_at"]),
    )


def message_values(message: Message) -> Values:
    """Give the columns of a message."""
    return {
        "id": message.id,
        "channel": message.channel,
        "alert": message.alert,
        "edge": message.edge,
        "severity": message.severity,
        "sentence": message.sentence,
        "account": message.account,
        "written_at": instant_text(message.written_at),
        **delivery_values(message),
    }


def delivery_values(message: Message) -> Values:
    """Give the columns that a delivery may change."""
    return {
        "next_at": instant_text(message.next_at),
        "tries": message.tries,
        "unclear": message.unclear,
        "sent_at": time_text(message.sent_at),
        "given_up_at": time_text(message.given_up_at),
    }


def message_of(row: Row) -> Message:
    """Read a message; raises ValueError."""
    return Message(
        id=row["id"],
        channel=row["channel"],
        alert=row["alert"],
        edge=Edge(row["edge"]),
        severity=Severity(row["severity"]),
        sentence=row["sentence"],
        account=row["account"],
        written_at=instant_of(row["written_at"]),
        next_at=instant_of(row["next_at"]),
        tries=row["tries"],
        unclear=row["unclear"],
        sent_at=time_of(row["sent_at"]),
        given_up_at=time_of(row["given_up_at"]),
    )


def _sort(word: str) -> Sort:
    if word not in _SORTS:
        message = f"{word!r} is no sort of alert"
        raise ValueError(message)
    return _SORTS[word]
