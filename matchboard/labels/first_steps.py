"""Words for what comes first in each role's work."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

TABLES: dict[type[Enum], dict[Any, LazyString]] = {}
ERRORS: dict[str, LazyString] = {}

#: Step → what is done, and why or what follows.
STEPS: dict[str, tuple[LazyString, LazyString]] = {
    "units": (_l("建立司法所"), _l("培训机构也在这里建立；企业的单位由区安帮办登记企业时建立。")),
    "district_account": (
        _l("建立区安帮办的账户"),
        _l("一次性密码交给本人；安全管理员确认后才能登录。"),
    ),
    "officer_accounts": (
        _l("建立司法所工作人员的账户"),
        _l("每个司法所至少一个；企业和培训机构的账户随后也在这里建立。"),
    ),
    "confirm_accounts": (
        _l("确认系统管理员新建的账户"),
        _l("系统管理员建好账户后会出现在“待确认账户”里。"),
    ),
    "partners": (
        _l("登记并批准爱心企业"),
        _l("填写保密协议签署日期后才能批准。企业的账户由系统管理员建立。"),
    ),
    "openings": (_l("新建并审核岗位"), _l("审核通过的岗位才会出现在匹配列表里。")),
    "people": (_l("登记帮教对象"), _l("司法所工作人员登记；区安帮办也可以登记。")),
    "register": (_l("登记第一位帮教对象"), _l("资料可以先少填，以后再补。")),
    "restricted": (
        _l("核实受限记录（每人一次，约 1 分钟）"),
        _l("打开一位帮教对象的“匹配岗位”，从那里去核实。核实之前，每个岗位都要书面核定。"),
    ),
    "openings_there": (
        _l("有可以推荐的岗位"),
        _l("由区安帮办批准企业和岗位，批准后这里自动完成。"),
    ),
    "proposal": (_l("提出第一次推荐"), _l("打开一位帮教对象的“匹配岗位”，挑一个岗位推荐。")),
    "profile": (_l("填写企业资料"), _l("所在地区和联系人，司法所据此联系您。")),
    "own_opening": (_l("发布第一个岗位"), _l("填好后送审，区安帮办通过后公开。")),
    "course": (_l("新建第一门课程"), _l("写明学会什么，匹配时才能推荐给合适的人。")),
    "session": (_l("安排第一个班次"), _l("打开课程添加班次；公开课程后，司法所才能推荐学员。")),
}
