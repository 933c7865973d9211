"""What a person can do about a hold, one sentence a reason. Used by scheduler.reports.explanation_plan."""

from core.plan import HoldReason

# The reasons whose particulars already say what to write or until when it lasts are as short as can be.
REMEDIES = {
    HoldReason.UNREADABLE: "the next run asks again; if it stays, `tidegate check` tries the connection and the key",
    HoldReason.UNKNOWN_CUSTOMER: "correct its line in the limits file, or remove it",
    HoldReason.SPEND_UNKNOWN: "nothing; the next run asks again",
    HoldReason.CURRENCY: "ask the vendor why it bills this customer in another currency; only USD is handled",
    HoldReason.ACTION_UNSTATED: "write on_exhaustion on its line in the limits file",
    HoldReason.QUOTA: "give back credit elsewhere, or ask the vendor for more",
    HoldReason.GUARD: "if it is meant, write the approval that the sentence names",
    HoldReason.PROTECTED: "take its id from `protected` in the configuration, if it is to be changed",
    HoldReason.PAUSED: "`tidegate resume`, or wait until the pause ends",
    HoldReason.UNCERTAIN: "`tidegate apply` settles it from the time given on; nothing is sent twice",
    HoldReason.DISPUTED: "look the change up in the vendor's console, then say what it shows with `tidegate settle`",
    HoldReason.STALE_READ: "nothing; the next run looks again, and after the lag a person is asked",
    HoldReason.ONE_OBSERVATION: "nothing; a later run has the second reading",
    HoldReason.CLOCK: "set this machine's clock (NTP)",
    HoldReason.TOO_EARLY: "nothing; a later run has the figure",
    HoldReason.SPEND_UNSURE: (
        "write spent_before on its line if you know it, or temporary_amount; else it stays until the next period"
    ),
    HoldReason.RESTRICTED_BY_OTHER: "ask who restricted it; `tidegate release` lifts it",
    HoldReason.RELEASE_MANUAL: "`tidegate release` lifts it",
    HoldReason.NOT_AGREED: "write the account's agreement and an approval of kind freeze for this customer",
    HoldReason.DRIFT: "change its limit, or change it back in the vendor's console",
    HoldReason.DRIFT_GRACE: "nothing, if it is to be set back then; else change its limit",
    HoldReason.WINDOW: "nothing; it is made when the hours begin",
    HoldReason.TOO_OLD: "run again",
    HoldReason.TWO_WRITERS: "stop the other installation, then `tidegate settle` the dispute",
    HoldReason.BOOKS: "`tidegate status` lists them; then `tidegate settle` each",
    HoldReason.MOVED: "plan again",
    HoldReason.REFUSED: "the vendor's sentence says why",
    HoldReason.NOT_SENT: "nothing; the next run tries again",
    HoldReason.LEASE: "nothing; wait until the other process is done",
    HoldReason.STORE: "make room for the store, or let Tidegate write there",
    HoldReason.STOPPED: "run again",
}
