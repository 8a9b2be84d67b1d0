"""Conditions in the words of an advertisement that a law forbids or an officer has to look at.

Patterns are compared with half-width text without blanks. What is neutral (男女不限, 无押金) is
taken out before anything is looked for, so that a negation never counts as a condition.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from matchboard.domain.occupational_bars import Citation


class Severity(StrEnum):
    REFUSE = "refuse"
    REVIEW = "review"


class RecordCondition(StrEnum):
    """What an advertisement asks about a criminal record."""

    ANY_OFFENCE = "any_offence"
    INTENTIONAL_OFFENCE = "intentional_offence"
    VAGUE = "vague"


@dataclass(frozen=True, slots=True)
class WordingHit:
    """A rule's code, how grave it is, the articles and the words that were found."""

    code: str
    severity: Severity
    citations: tuple[Citation, ...]
    excerpt: str


EQUAL_TREATMENT: Final = Citation("就业促进法", "26")
NOTICE_CONTENT: Final = Citation("就业服务与就业管理规定", "20")
_AGE_LAW_MIN: Final = 16  # 劳动法 15, 禁止使用童工规定 2
_AGE_FREE_MIN: Final = 18  # 劳动法 64: nobody below may do harmful work, so 18 is a fair floor
_AGE_FREE_MAX: Final = 60  # the lowest statutory age of retirement for men; 50 for women
_AGE_FREE_MAX_WOMEN: Final = 50

_UNASKED = "(?:不限|无要求|没要求|不作要求|不做要求|无限制|没限制|均可|皆可|都可|不拘)"
_UNWANTED = "(?:勿扰|勿投|勿应聘|免谈|除外|止步|谢绝|不招|不要|不收|不考虑|不予录用|绕道)"


def _compile(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def compact(text: str) -> str:
    """Write text half-width and without blanks, the form the patterns are made for."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class _Topic:
    code: str
    severity: Severity
    citations: tuple[Citation, ...]
    asked: re.Pattern[str]
    neutral: re.Pattern[str]
    lawful_where: re.Pattern[str] | None = None

    def find(self, text: str) -> WordingHit | None:
        # A full stop keeps the words around a removed phrase from growing together.
        found = self.asked.search(self.neutral.sub("。", text))
        if found is None:
            return None
        severity = self.severity
        if self.lawful_where and self.lawful_where.search(text):
            severity = Severity.REVIEW
        return WordingHit(self.code, severity, self.citations, found[0])


_PERSON = "(?:性|士|生|工|员工|孩|青年|同志|的)?"
_JOB = (
    "(?:普工|工人|员工|服务员|店员|导购|销售|司机|保洁|营业员|收银|文员|学徒|保安|护工|护理|技师|操作工|"
    "主播|客服|助理|前台|秘书|厨师|搬运|质检|仓管|经理|主管|教练|教师|老师|业务员|装卸|包装工|缝纫)"
)
_SEX = _Topic(
    code="sex_condition",
    severity=Severity.REFUSE,
    citations=(
        Citation("就业促进法", "27"),
        Citation("妇女权益保障法", "43"),
        NOTICE_CONTENT,
    ),
    asked=_compile(
        f"(?:仅|只|限|招聘?|聘|须|需要?|要求?|收|适合|优先|首选)(?:限|要|招|聘|收|考虑)?(?:\\d*名)?[男女]{_PERSON}",
        f"[男女]{_PERSON}者?(?:优先|优选|为佳|最佳|佳)",
        f"[(\\[【](?:仅限|只限|限|要)?[男女]{_PERSON}[)\\]】]",
        "性别(?:要求)?:?(?:为|限|仅限)?[男女]|男女各\\d",
        "(?:^|[,;:。、\\d.])[男女][性士生]?(?=$|[,;。、])",
        f"[男女]{_PERSON}[,，;、。:]?(?:年龄)?\\d{{2}}(?:周?岁)?[-~—至到以]",
        f"[男女]{_PERSON}\\d+[名人位]",
        f"(?:不招|不要|不收|不考虑)[男女]|[男女]{_PERSON}{_UNWANTED}",
        f"[男女]{_JOB}",
    ),
    neutral=_compile(
        f"男女老?少?{_UNASKED}|男女(?:兼收|都要|同工同酬|平等|搭配)",
        f"(?:不限|不论|无论|不分)(?:男女|性别)|性别{_UNASKED}|性别(?:男女|男/女|男或女)(?:不限|均可)?",
        "[男女](?:装|鞋|包|裤|袜|帽|款|童|婴|科|厕|宾|友|朋友|儿|式|鞋服|更衣室|浴室|卫生间|澡堂)",
        "[男女]性?(?:用品|健康|服饰|内衣|顾客|客户|消费者|会员|客人|时装|护肤|患者|病人)",
        "[男女][生士](?:宿舍|公寓|寝室|用品|服装|内衣|皮鞋|理发|发型)",
        "[男女]职工(?:特殊)?(?:劳动)?(?:保护|权益|委员|工作|关怀)",
        # Two ages of retirement side by side are an age condition, not a choice of sex.
        "男[^女]{0,8}\\d{2}[^女]{0,8}女[^男]{0,8}\\d{2}周?岁",
        "[子儿孙母父妇侄少][男女](?=[^性士生工]|$)|妇女|少女|美女(?!优先)",
    ),
    # 女职工劳动保护特别规定 names work women may not be given; and some rooms have one sex.
    lawful_where=_compile(
        "井下|矿山|四级体力|女浴室|女更衣|女澡堂|女(?:生)?宿舍|男(?:生)?宿舍|男浴室|男更衣|女监"
    ),
)
_MARRIAGE = _Topic(
    code="marriage_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "27"), Citation("妇女权益保障法", "43")),
    asked=_compile(
        "(?:须|需|要求?|限|仅限|必须)?(?:已|未)(?:婚|育)(?:已|未)?(?:育|婚)?",
        "[\\d一二两三]年内(?:不|无)(?:得|能|要|可)?(?:结婚|怀孕|生育|婚育)",
        "无(?:婚育|生育|怀孕|结婚)(?:计划|打算)",
    ),
    neutral=_compile(
        f"(?:已婚未婚|未婚已婚|婚否|婚姻|婚育)(?:状况|情况)?{_UNASKED}|(?:不限|不论)婚(?:否|姻|育)"
    ),
)
_ETHNICITY = _Topic(
    code="ethnicity_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "28"), Citation("劳动法", "12"), NOTICE_CONTENT),
    asked=_compile(
        "汉族",
        "(?:仅|只|限|须|需|要求?)(?:限|招|要)?[^,，;。、]{1,3}族(?!群|语)",
        f"(?:少数民族|[^,，;。、]{{1,3}}族)(?:人员?|同胞|同志)?{_UNWANTED}",
        "非少数民族",
    ),
    neutral=_compile(
        f"(?:民族|族别|汉族及?和?(?:其他)?少数民族){_UNASKED}|(?:不限|不论|不分)(?:民族|族别)",
        "(?:上班|打工|工薪|家|追星|月光|水|种)族|(?<!少数)民族(?:餐厅|舞|乐器|服装|特色|风味)|少数民族(?:优先|照顾)",
    ),
)
_RELIGION = _Topic(
    code="religion_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "3"), Citation("劳动法", "12")),
    asked=_compile(
        "(?:无|没有|不信|不得有)(?:任何)?宗教(?:信仰)?",
        f"(?:信教|有宗教信仰)(?:者|人员)?{_UNWANTED}",
    ),
    neutral=_compile(
        f"(?:宗教)?信仰{_UNASKED}|无(?:宗教)?信仰(?:要求|限制)|(?:不限|不论)(?:宗教)?信仰"
    ),
)
_HOUSEHOLD = _Topic(
    code="household_condition",
    severity=Severity.REFUSE,
    citations=(EQUAL_TREATMENT, Citation("就业促进法", "31"), NOTICE_CONTENT),
    asked=_compile(
        "(?:本[地市省区县]|当地|城镇|非农业?|农村|农业|外地|外省)(?:户口|户籍|籍)",
        "(?:户口|户籍|籍贯)(?:所在地)?(?:要求)?:?(?:须|需|限|为|要求|在|仅限)",
        "(?:限|仅限|只招|只限|要求?|须|需)[^,，;。、]{0,6}(?:户口|户籍|籍(?!贯)|本地人)",
        f"(?:外地人?|外省人?|农村人?|乡下人?|[^,，;。、]{{2,3}}(?:籍|省人))(?:员)?{_UNWANTED}",
        "(?:本地人?|本[市省区县]人?|当地人?)(?:员)?(?:者)?优先",
        "(?:限|仅限|只招|只要|只限)(?:本地|当地)人?",
    ),
    neutral=_compile(
        f"(?:户口|户籍|籍贯|地域)(?:所在地)?{_UNASKED}|无(?:户口|户籍|籍贯|地域)(?:要求|限制)|(?:不限|不论|不分)(?:户口|户籍|籍贯|地域)",
        "(?:协助|帮助|帮忙|代|可|提供|解决|办理)(?:办理|解决|办|迁|落)?(?:[^,，;。、]{0,4})(?:户口|户籍|落户)(?:迁移|手续)?",
        "户(?:口|籍)(?:本|簿|办理|管理|业务|室|窗口)",
    ),
)
_HEALTH = _Topic(
    code="health_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "29"), Citation("就业促进法", "30")),
    asked=_compile(
        f"(?:残疾|残障)(?:人|人员|者)?{_UNWANTED}|(?:无|没有|非)(?:残疾|残障)",
        f"乙肝[^,，;。、]{{0,6}}{_UNWANTED}|(?:无|没有|非)乙肝|乙肝(?:两对半|五项|检测)?(?:阴性|正常|合格)",
    ),
    neutral=_compile(
        "(?:残疾|残障)(?:人|人员|者)?(?:优先|可|也可|均可|亦可)|不(?:歧视|限)残疾|无障碍"
    ),
)
_DEPOSIT = _Topic(
    code="deposit_condition",
    severity=Severity.REFUSE,
    citations=(Citation("劳动合同法", "9"), Citation("劳动合同法", "84")),
    asked=_compile(
        "(?:入职|上岗|报到|面试|须|需|先|要|应)?(?:交纳?|缴纳?|收取?|付|扣|押)[^,，;。、]{0,8}(?:押金|保证金|风险金)",
        "(?:服装|工装|工服|制服|工牌|工具|入职|上岗|岗位|宿舍)(?:押金|保证金|风险金)",
        "(?:须|需|先|要|应)?(?:自费|交|缴|收取?)(?:服装|工装|工服|制服|培训|岗位|入职|报名|建档|体检)费",
        "(?:押金|保证金)\\d+|\\d+元?(?:押金|保证金)",
        "押\\d+元?",
    ),
    neutral=_compile(
        "(?:无|免|零|0|没有|没|不需要?|不用|无需|无须|不必|不交|不缴|不收取?|不付|不扣|拒绝|取消)"
        "(?:任何|交纳?|缴纳?|收取?|付|其他|一切|入职|服装|工装|工服|培训|的|车辆|住宿|宿舍|费用|和|或|及|、)*"
        "(?:押金|保证金|风险金|费用|服装费|培训费)",
        "(?:押金|保证金)(?:全免|免|为?0元?|一律不收|不收)",
        "(?:投标|履约|农民工工资|客户|租户|租金|租赁|房屋|合同|招标|质量|物业|商户)[^,，;。、]{0,3}(?:押金|保证金)",
        "(?:收退|核对|登记|管理)(?:押金|保证金)|押金(?:管理|核对|登记|收退|单|条)",
    ),
)
_DOCUMENTS = _Topic(
    code="document_withheld",
    severity=Severity.REFUSE,
    citations=(Citation("劳动合同法", "9"), Citation("劳动合同法", "84")),
    asked=_compile(
        "(?:抵押|扣押|扣留|押|扣|留存|统一保管|上交|收缴)(?:本人|员工|您的|你的|个人|的|一下|好|其)?"
        "(?:居民)?(?:身份证|证件|毕业证|学历证|驾驶证|驾照|资格证|上岗证|银行卡)(?!复印件(?!原件))",
        "(?:身份证|证件|毕业证|驾驶证|资格证|银行卡)(?:原件)?(?:须|需|要|由公司|由单位|交公司)?(?:抵押|质押|扣押|扣留|押存|押在|统一保管|上交)",
    ),
    neutral=_compile(
        "(?:不|不得|不会|禁止|严禁|绝不|从不|无需|无须|不用)(?:抵押|扣押|扣留|押|扣|收取?|留)(?:任何|个人|员工|居民|的)*"
        "(?:身份证|证件|毕业证|驾驶证|驾照|资格证|银行卡|证)(?:原件)?",
    ),
)
_TATTOO = _Topic(
    code="tattoo_condition",
    severity=Severity.REVIEW,
    citations=(EQUAL_TREATMENT,),
    asked=_compile(
        f"(?:无|没有|没|不得有|不能有)(?:明显|外露|大面积|可见|任何|过肩)*(?:纹身|刺青|文身)|(?:有)?(?:纹身|刺青|文身)(?:者|人员)?{_UNWANTED}"
    ),
    neutral=_compile(f"(?:纹身|刺青|文身){_UNASKED}|(?:不限|不介意)(?:纹身|刺青|文身)"),
)
_BLACKLIST = _Topic(
    code="blacklist_condition",
    severity=Severity.REVIEW,
    citations=(EQUAL_TREATMENT,),
    asked=_compile("(?:无|没有|不在|非|未被?列入|未进入?)[^,，;。、]{0,6}黑名单"),
    neutral=_compile("黑名单(?:管理|核查|制度|系统|客户)|客户黑名单"),
)
_TOPICS: Final = (
    _SEX,
    _MARRIAGE,
    _ETHNICITY,
    _RELIGION,
    _HOUSEHOLD,
    _HEALTH,
    _DEPOSIT,
    _DOCUMENTS,
    _TATTOO,
    _BLACKLIST,
)

# --- Criminal records ---------------------------------------------------------------------------

_RECORD_NEUTRAL = _compile(
    "(?:不要求|不需要?|无需|无须|不必|不用|免)(?:提供|开具|出具|办理)?(?:无(?:违法|刑事|故意)?犯罪(?:记录)?(?:证明)?|政审)",
    f"(?:案底|前科|犯罪记录){_UNASKED}|不(?:限|问|看|介意|在意|歧视)(?:有)?(?:案底|前科|犯罪记录)",
    "有(?:案底|前科|犯罪记录)(?:者|人员|的)?(?:也|亦|均|都)?(?:可|能|行|欢迎|接受|收|录用)",
    "(?:刑满释放|社区矫正)人员?(?:优先|可|也可|亦可|均可|欢迎|帮扶|安置|就业)",
)
_RECORD_INTENTIONAL = _compile(
    "(?:无|没有|未有|未曾?)(?:任何)?(?:因)?故意犯罪(?:受过?刑事处罚)?(?:的)?(?:记录|史|前科)?"
)
_RECORD_ANY = _compile(
    "(?:无|没有|没|未有|不得有|不能有)(?:任何|过|违法|刑事|和|及|或|、|不良|治安)*"
    "(?:犯罪(?:前科|记录|史|经历|行为|嫌疑)?|案底|前科|刑事(?:处罚)?记录|刑事处罚|违法记录)",
    "未(?:曾|受过?|有过?|被)*(?:刑事处罚|刑罚|判刑|犯罪|犯过罪)",
    f"有?(?:过)?(?:案底|前科|犯罪记录|犯罪史)(?:者|人员|的)?{_UNWANTED}",
    f"(?:刑满释放|刑释|两劳|劳改|坐过牢|服过刑)(?:释放)?(?:人员|者|的)?{_UNWANTED}",
    "(?:提供|开具|出具|持有?|须有|需有|办理)(?:派出所|公安)?(?:的)?无(?:违法)?犯罪(?:记录)?证明",
)
_RECORD_VAGUE = _compile("(?:无|没有)(?:任何)?不良(?:行为|社会)?记录|无劣迹|政审|背景调查")


def record_condition(text: str) -> tuple[RecordCondition, str] | None:
    """Return what the words ask about a criminal record, and the words; None if nothing."""
    asked = _RECORD_NEUTRAL.sub("。", compact(text))
    for condition, pattern in (
        (RecordCondition.ANY_OFFENCE, _RECORD_ANY),
        (RecordCondition.INTENTIONAL_OFFENCE, _RECORD_INTENTIONAL),
        (RecordCondition.VAGUE, _RECORD_VAGUE),
    ):
        if found := pattern.search(asked):
            return condition, found[0]
    return None


# --- Ages ---------------------------------------------------------------------------------------

_AGE_NEUTRAL = _compile(
    f"年龄{_UNASKED}|年龄可?放宽|(?:不限|不论)年龄",
    "\\d+周?岁(?:以上|以下|以内)?的?(?:客户|顾客|用户|人群|群体|会员)",
    "\\d+(?:-|~|—|至|到)?\\d*周?岁(?:以上|以下|左右|以内)?(?:的|之?间)?(?:婴|幼|儿|宝宝|小孩|孩子|老人|老年|长者|长辈|学生|青少年|少年)",
    "(?:工龄|驾龄|教龄|店龄|楼龄|账龄)[^,，;。、]{0,8}",
)
_YEARS = "(?:周岁|岁)"
_AGE_RANGE = re.compile(
    f"(?:年龄[^\\d,，;。、]{{0,4}})(?P<low>\\d{{2}}){_YEARS}?[-~—–至到](?P<high>\\d{{2}})(?!\\d)"
    f"|(?P<low2>\\d{{2}}){_YEARS}?[-~—–至到](?P<high2>\\d{{2}}){_YEARS}"
)
_AGE_UPPER = re.compile(
    f"(?P<high>\\d{{2}}){_YEARS}(?:[(]含[^)]{{0,5}}[)])?及?(?:以下|以内|之内|之下|内)"
    "|年龄[^\\d,，;。、]{0,4}(?P<high2>\\d{2})及?(?:以下|以内|之内)"
    f"|(?:不超过|不大于|不得超过|小于|低于|不高于|未满)(?P<high3>\\d{{2}}){_YEARS}"
)
_AGE_LOWER = re.compile(
    f"(?P<low>\\d{{2}}){_YEARS}及?(?:以上|起|往上)|年?满(?P<low2>\\d{{2}})周?岁"
)
_GENERATION = re.compile("(?:[6-9][05]|0[05])后(?:优先|为佳|最佳)|限(?:[6-9][05]|0[05])后")
_OF_WOMEN = re.compile("女[性士生工]?(?:员工|职工)?[^\\d男]{0,4}$")


def _age_hits(text: str) -> Iterator[WordingHit]:
    asked = _AGE_NEUTRAL.sub("。", text)
    for found in _AGE_RANGE.finditer(asked):
        yield from _age_hit(asked, found)
    # Ranges are taken out, or the end of 18-35岁以下 would count twice.
    open_ended = _AGE_RANGE.sub("。", asked)
    for pattern in (_AGE_UPPER, _AGE_LOWER):
        for found in pattern.finditer(open_ended):
            yield from _age_hit(open_ended, found)
    if generation := _GENERATION.search(asked):
        yield WordingHit("age_condition", Severity.REVIEW, (EQUAL_TREATMENT,), generation[0])


def _age_hit(text: str, found: re.Match[str]) -> Iterator[WordingHit]:
    ages = {name[:4].rstrip("23"): int(age) for name, age in found.groupdict().items() if age}
    low, high = ages.get("low"), ages.get("high")
    is_of_women = _OF_WOMEN.search(text[: found.start()]) is not None
    highest_free = _AGE_FREE_MAX_WOMEN if is_of_women else _AGE_FREE_MAX
    if low is not None and low < _AGE_LAW_MIN:
        citations = (Citation("劳动法", "15"), Citation("禁止使用童工规定", "2"))
        yield WordingHit("age_below_working_age", Severity.REFUSE, citations, found[0])
    elif (low is not None and low > _AGE_FREE_MIN) or (high is not None and high < highest_free):
        # No statute forbids an age limit by name, so an officer weighs it against equal treatment.
        yield WordingHit("age_condition", Severity.REVIEW, (EQUAL_TREATMENT,), found[0])


def wording_hits(text: str) -> list[WordingHit]:
    """Return what a text asks that it may not, at most one hit per topic.

    Conditions about a criminal record are left to `record_condition`, because a statute may demand
    them for the opening.
    """
    written = compact(text)
    hits = [hit for topic in _TOPICS if (hit := topic.find(written))]
    by_code = {hit.code: hit for hit in reversed(list(_age_hits(written)))}
    return hits + list(by_code.values())
