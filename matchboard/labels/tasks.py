"""Words for work done in the background."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.background import TaskKind, TaskState

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    TaskKind: {
        TaskKind.VACANCY_IMPORT: _l("导入外部招聘信息"),
        TaskKind.RANKING_TRAINING: _l("用已知结果训练排序模型"),
    },
    TaskState: {
        TaskState.QUEUED: _l("排队中"),
        TaskState.RUNNING: _l("进行中"),
        TaskState.DONE: _l("已完成"),
        TaskState.FAILED: _l("没有完成"),
    },
}
ERRORS: dict[str, LazyString] = {
    "task_failed": _l("这项工作中途出错，没有保存任何内容。问题已记录，请再试一次。"),
    "task_interrupted": _l("系统在这项工作进行时停止了，没有保存任何内容。请再试一次。"),
}
#: Figure of a result → what it counts.
FIGURES: dict[str, LazyString] = {
    "created": _l("新增"),
    "updated": _l("更新"),
    "unchanged": _l("没有变化"),
    "refused": _l("未接受"),
    "occupation_file": _l("文件里有职业"),
    "occupation_record": _l("沿用已核对的职业"),
    "occupation_title": _l("按岗位名称推测职业，待核对"),
    "occupation_nowhere": _l("职业还不清楚"),
    "outcomes": _l("结果已知的推荐"),
    "gates_passed": _l("通过的检验"),
    "gates_failed": _l("没有通过的检验"),
}
