"""What an advertisement asks about a criminal record, in whatever words."""

from enum import StrEnum
from typing import Final

from matchboard.domain.posting_phrases import UNASKED, UNWANTED, compact, compile_any


class RecordCondition(StrEnum):
    """What an advertisement asks about a criminal record."""

    ANY_OFFENCE = "any_offence"
    INTENTIONAL_OFFENCE = "intentional_offence"
    VAGUE = "vague"


_WHO = "(?:的?(?:人员|人士|同志|朋友|人|者|们)?的?)"
#: A past, as officials and as people at the factory gate say it.
_PAST = (
    "(?:案底|前科|犯罪(?:记录|前科|史|经历|行为)|犯过(?:罪|法|事)|违法犯罪(?:记录)?|违法记录|"
    "刑事(?:处罚|犯罪|案件)?(?:记录|处罚|前科)|受过刑|刑罚|判过刑|判刑|服过刑|坐过牢|坐牢|"
    "牢狱之灾|吸毒(?:史|记录|人员|前科)|社矫|违法乱纪记录|"
    "蹲过(?:监狱|牢|号子|大牢)?|"
    "进过(?:监狱|局子|看守所|派出所|号子|宫|里面)|进去过|"
    "(?:刑满|刑期满|刑释|刑释解教|出狱|劳改|劳教|两劳|服刑|释放|解教|缓刑|社区矫正|假释)(?:释放)?)"
)
_OUT = "(?:刑满释放|刑满|刑释|出狱|劳改|劳教|两劳|社区矫正|缓刑|假释|释放)"
_TAKES = (
    "(?:优先|可以?(?!能)|也可|亦可|均可|都可|也行|能来|不限|欢迎|接受|录用|收$|帮扶|安置|就业|"
    "不影响|不歧视|一视同仁|同等对待|平等|均能)"
)

_RECORD_NEUTRAL = compile_any(
    "(?:不要求|不需要?|无需|无须|不必|不用|免)(?:提供|开具|出具|办理)?(?:无(?:违法|刑事|故意)"
    "?犯罪(?:记录)?(?:证明)?|政审|背调|背景调查)",
    "(?:不做|不查|不作|不搞)(?:政审|背调|背景调查|案底|前科|犯罪记录)",
    f"{_PAST}{_WHO}{UNASKED}|不(?:限|问|看|介意|在意|歧视|排斥|拒绝|嫌弃|追问|查询?|计较)(?:任何)"
    f"?(?:有|以前|过去|曾经)*(?:的)?{_PAST}{_WHO}",
    f"不(?:会|得|应)?(?:因|因为|以)[^,;。]{{0,12}}{_PAST}[^;。]{{0,20}}",
    f"有?(?:过)?{_PAST}{_WHO}(?:也|亦|均|都|一样)*{_TAKES}",
    "(?<!不)(?:接受|欢迎|招收|可招|愿意招?|面向|帮扶|安置|帮助|服务|招用|吸纳|优先招?聘?|"
    f"优先录用)(?:有)?(?:过)?{_PAST}{_WHO}",
    "背景调查(?:员|专员|工作|报告|业务|公司|部|服务|岗)|(?:客户|项目|供应商|信贷)"
    "[^,;。]{0,4}(?:背景|背调)[^,;。]{0,4}|"
    "(?:负责|协助|完成|开展)[^,;。]{0,8}(?:背景调查|背调)",
    "犯罪(?:心理|学|侦查|预防|现场|小说)|(?:预防|打击|防范|反)[^,;。]{0,4}犯罪|(?:货物|质押|"
    "资金|压力|热量|产能)释放|释放(?:压力|潜能|能量|自我|天性)",
)
_RECORD_INTENTIONAL = compile_any(
    "(?:无|没有|未有|未曾?)(?:任何)?(?:因)?故意犯罪(?:受过?刑事处罚)?(?:的)?(?:记录|史|前科)?"
)
_NOT_HAVING = (
    "(?:无|没有|没|未有|未曾?|不得有|不能有|不可有|不许有|不准有|从未|从没|非|不是|勿有|不得|"
    "不能|杜绝有)"
)
_BETWEEN = "(?:任何|过|有|违法|刑事|和|及|或|与|、|不良|治安|被|曾|受|因|公安机关|司法机关)*"
_RECORD_ANY = compile_any(
    f"{_NOT_HAVING}{_BETWEEN}(?:犯罪嫌疑|犯罪|{_PAST})",
    f"{_NOT_HAVING}{_BETWEEN}(?:坐|蹲|服)(?:过)?(?:牢|监|狱|刑|号子)",
    f"有?(?:过)?{_PAST}{_WHO}[^;。不无没]{{0,6}}{UNWANTED}",
    "(?:不招|不要|不收|不录用?|不用|不聘用?|不接受|不接收|不欢迎|不考虑|谢绝|拒绝|禁止|拒招|"
    "拒收|排除|杜绝|劝退|开除|辞退)"
    f"(?:招用|录用|招收|招聘|任何|所有|一切|曾经?|有|过|以前|的|使用|聘用)*{_PAST}",
    "(?:提供|开具|出具|持有?|须有|需有|办理|上交|提交|附|开)(?:派出所|公安|户籍地|本人|"
    "户口所在地)*(?:的)?(?:无(?:违法)?犯罪(?:记录)?|无案底|无前科)证明?",
)
_RECORD_VAGUE = compile_any(
    "(?:无|没有)(?:任何)?不良(?:行为|社会)?记录|(?:无|没有)(?:任何)?劣迹",
    f"劣迹{_WHO}{UNWANTED}|(?:有)?(?:污点|黑历史|不良记录){_WHO}{UNWANTED}|(?:无|没有)(?:任何)"
    "?(?:污点|黑历史)",
    "政审|背景调查|背调|背景审查|背景核查",
    "(?:背景|身份|身家|历史|底子|家世|履历|经历|底细|来历|家庭背景|社会背景|社会关系)(?:要|须|必须|"
    "需)?(?:清白|干净|清楚|清晰|单纯|简单)",
    f"(?:背景|社会关系|经历)复杂{_WHO}{UNWANTED}",
)

ORDER: Final = (
    (RecordCondition.ANY_OFFENCE, _RECORD_ANY),
    (RecordCondition.INTENTIONAL_OFFENCE, _RECORD_INTENTIONAL),
    (RecordCondition.VAGUE, _RECORD_VAGUE),
)


def record_condition(text: str) -> tuple[RecordCondition, str] | None:
    """Return what the words ask about a criminal record, and the words; None if nothing."""
    asked = _RECORD_NEUTRAL.sub("。", compact(text))
    for condition, pattern in ORDER:
        if found := pattern.search(asked):
            return condition, found[0]
    return None
