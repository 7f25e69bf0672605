"""A baseline: the audit whose findings a team has agreed to live with, so that only new ones count."""

from __future__ import annotations

from auditor.judge.bundles import Rules, same_rule
from auditor.judge.delta import known, lapsed
from auditor.judge.waiver_findings import WAIVER_TOO_BROAD
from auditor.past import KnownFinding
from auditor.record import Audit


def excused(audit: Audit, baseline: Audit) -> frozenset[str]:
    """Return the fingerprints that `outcome` shall take as known.

    They are the findings that the baseline has too, but for three sorts: those that it had as waived
    and that no waiver covers any more, those that their object has made worse, and waivers that are
    too broad and accept what is not excused. What is worse because the rules say so now (an update of
    the policy, or auditor.yaml) stays excused.
    """
    then, now = known(baseline), known(audit)
    before, after = Rules(baseline.audit.bundle), Rules(audit.audit.bundle)

    def worse(old: KnownFinding, new: KnownFinding) -> bool:
        one, other = before.rule(old), after.rule(new)
        alike = one and other and same_rule(one, other) and one.severity == other.severity
        return bool(alike) and new.severity.rank < old.severity.rank

    same = frozenset(
        name
        for name, new in now.items()
        if (old := then.get(name)) and not lapsed(old, new) and not worse(old, new)
    )
    spread = {one.waiver for one in audit.findings if one.status == "waived" and one.fingerprint not in same}
    return same - {
        name for name in same if now[name].policy == WAIVER_TOO_BROAD.id and now[name].resource.name in spread
    }
