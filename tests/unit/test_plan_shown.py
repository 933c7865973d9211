from core.plan import correction_facts
from core.run.shown import narrowed
from tests.unit.report_plans import correction, cut, plan_of


def test_a_plan_cut_down_to_a_file_says_so() -> None:
    """Who reads the stored plan later must not take the customers that the file leaves out for settled."""
    plan = plan_of((correction(), cut()))
    whole = {(row.account, str(row.key)): correction_facts(row) for row in plan.corrections}
    some = dict(list(whole.items())[:1])
    assert not narrowed(plan, whole).narrowed
    assert narrowed(plan, some).narrowed
