"""Words about the ranking model: its stage and state, the gates it must pass, overrides."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.ranking import ModelState, OverrideReason

R = OverrideReason

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    ModelState: {
        ModelState.CANDIDATE: _l("待启用"),
        ModelState.ACTIVE: _l("正在使用"),
        ModelState.RETIRED: _l("已停用"),
    },
    OverrideReason: {
        R.PERSON_WISHES: _l("本人更想去"),
        R.EMPLOYER_ASKED: _l("企业点名要这样的人"),
        R.KNOWS_WORKPLACE: _l("本人熟悉这家企业或同事"),
        R.WAY_TO_WORK: _l("实际路程比估计的方便"),
        R.FAMILY_DUTIES: _l("要照顾家里"),
        R.RECORD_OUTDATED: _l("档案与实际情况不符"),
        R.OTHER: _l("其他原因"),
    },
}
ERRORS: dict[str, LazyString] = {
    "model_active": _l("这个模型已经在使用。"),
    "model_gates_failed": _l("这个模型没有通过全部检验，不能启用。"),
    "formula_active": _l("现在就是按专家规则排序。"),
    "too_few_outcomes": _l(
        "结果已知的推荐只有 %(n)s 条，训练至少要 %(needed)s 条。现在继续按专家规则排序。"
    ),
}

#: How much a model has learned from, by its stage.
STAGES: dict[str, LazyString] = {
    "expert": _l("专家规则"),
    "map": _l("专家规则＋本区结果"),
    "blend": _l("专家规则＋本区结果＋组合规律"),
}

LABELS: dict[str, LazyString] = {
    "hire": _l("是否录用"),
    "retained_6m": _l("半年留岗"),
}

#: What must hold before a model may rank, by the first word of the gate's name.
GATES: dict[str, LazyString] = {
    "log_loss": _l("预计比现在的更准"),
    "assigned_value": _l("按它选岗位，每 100 条推荐多留下几人"),
    "ece": _l("预计与实际的平均差距"),
    "slope": _l("预计既不过头也不保守（斜率）"),
    "impact_ratio": _l("最少与最多一组分到岗位的比例之比"),
    "invariance": _l("改动受保护信息，排序一个字节也不变"),
}

#: Why a gate that was not passed stands in the way, and what would help, by kind and verdict.
HINTS: dict[tuple[str, str], LazyString] = {
    ("log_loss", "failed"): _l("还不能肯定它比现在的排序准。照常推荐，有了更多结果再训练。"),
    ("assigned_value", "failed"): _l(
        "区间下限没有超过 0：还不能肯定按它选岗位会多留下人。要有更多半年留岗的结果才看得出。"
    ),
    ("ece", "failed"): _l(
        "%(n)s 条结果里，偶然误差一般不超过 %(noise)s，这么大的差距很难说是偶然。"
        "请看下面的图是哪一段不准，核对那些推荐的结果登记；有新结果后再训练。"
    ),
    ("ece", "insufficient n"): _l(
        "只有 %(n)s 条结果，光是偶然误差就可达 %(noise)s，看不出准不准。"
        "大约要 %(needed)s 条：请按时登记企业答复和回访。"
    ),
    ("slope", "failed"): _l("高的估得过高、低的估得过低，或者相反。有新结果后再训练。"),
    ("slope", "insufficient n"): _l(
        "只有 %(n)s 条结果，误差范围比允许的范围还宽，看不出来。"
        "请按时登记企业答复和回访，有了更多结果再训练。"
    ),
    ("impact_ratio", "failed"): _l("请看下面的各类人员对比，研究是哪一项资料造成差别。"),
    ("impact_ratio", "insufficient n"): _l(
        "至少要有两组各满 30 人才能比较；其他各项通过时，这一项不妨碍启用。"
    ),
    ("invariance", "failed"): _l("受保护信息混进了排序用的资料。请联系系统维护人员，不要启用。"),
}
#: Where too few outcomes are known to say how many it takes.
HINT_TOO_FEW = _l("结果太少，还不能检验。请按时登记企业答复和回访。")

ATTRIBUTES: dict[str, LazyString] = {
    "sex": _l("性别"),
    "age": _l("年龄"),
    "kind": _l("人员类别"),
    "tier": _l("帮教级别"),
}

GROUPS: dict[str, LazyString] = {
    "male": _l("男"),
    "female": _l("女"),
    "under_35": _l("35 岁以下"),
    "35_to_49": _l("35–49 岁"),
    "50_up": _l("50 岁及以上"),
    "released_person": _l("刑满释放人员"),
    "former_correction_subject": _l("解除社区矫正人员"),
    "general": _l("一般"),
    "key": _l("重点"),
}


def about(code: str) -> str:
    """Return what a gate is about; empty where its name says it all."""
    words = LABELS.get(code) or ATTRIBUTES.get(code)
    return str(words) if words is not None else ""


def group_order(attribute: str, group: str) -> tuple[int, int]:
    """Return where a group stands among all: by attribute, then as people count them."""
    attributes, groups = list(ATTRIBUTES), list(GROUPS)
    return (
        attributes.index(attribute) if attribute in ATTRIBUTES else len(attributes),
        groups.index(group) if group in GROUPS else len(groups),
    )


def model_words(name: str) -> str:
    """Return what people call a model: the formula by its words, a trained one by its name."""
    return str(STAGES["expert"]) if name == "expert" else name
