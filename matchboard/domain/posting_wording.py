"""Conditions in the words of an advertisement that a law forbids or an officer has to look at.

Patterns are compared with half-width text without blanks. What is neutral (男女不限, 无押金) is
taken out before anything is looked for, so that a negation never counts as a condition.
"""

import re
from collections.abc import Iterator
from typing import Final

from matchboard.domain.occupational_bars import Citation
from matchboard.domain.posting_phrases import (
    EQUAL_TREATMENT,
    NEVER,
    NOTICE_CONTENT,
    UNASKED,
    UNWANTED,
    Denial,
    Severity,
    Topic,
    WordingHit,
    compact,
    compile_any,
)
from matchboard.domain.posting_terms import TERMS

__all__ = ["wording_hits"]

_AGE_LAW_MIN: Final = 16  # 劳动法 15, 禁止使用童工规定 2
_AGE_FREE_MIN: Final = 18  # 劳动法 64: nobody below may do harmful work, so 18 is a fair floor
_AGE_FREE_MAX: Final = 60  # the lowest statutory age of retirement for men; 50 for women
_AGE_FREE_MAX_WOMEN: Final = 50

_PERSON = "(?:性|士|生|工|员工|孩|青年|同志|的)?"
_JOB = (
    "(?:普工|工人|员工|服务员|店员|导购|销售|司机|保洁|营业员|收银|文员|学徒|保安|护工|护理|"
    "技师|操作工|"
    "主播|客服|助理|前台|秘书|厨师|搬运|质检|仓管|经理|主管|教练|教师|老师|业务员|装卸|包装工|缝纫)"
)
_SPOKEN = (
    "(?:小伙子|小伙|小姑娘|姑娘|靓女|靓仔|帅哥|美女|小妹|小弟|小哥哥|小姐姐|大姐|大妈|大叔|宝妈|"
    "女孩子|男孩子|女孩|男孩|妹子|娘子军|男同胞|女同胞)"
)
_SEX = Topic(
    code="sex_condition",
    severity=Severity.REFUSE,
    citations=(
        Citation("就业促进法", "27"),
        Citation("妇女权益保障法", "43"),
        NOTICE_CONTENT,
    ),
    asked=compile_any(
        "(?:仅|只|限|招聘?|聘|须|需要?|要求?|收|适合|优先|首选)(?:限|要|招|聘|收|考虑)"
        f"?(?:\\d*名)?[男女]{_PERSON}",
        f"[男女]{_PERSON}者?(?:优先|优选|为佳|最佳|佳)",
        f"[(\\[【](?:仅限|只限|限|要)?[男女]{_PERSON}[)\\]】]",
        "性别(?:要求)?:?(?:为|限|仅限)?[男女]|男女各\\d",
        "(?:^|[,;:。、\\d.])[男女][性士生]?(?=$|[,;。、])",
        f"[男女]{_PERSON}[,，;、。:]?(?:年龄)?\\d{{2}}(?:周?岁)?[-~—至到以]",
        f"[男女]{_PERSON}\\d+[名人位]",
        f"(?:不招|不要|不收|不考虑)[男女]|[男女]{_PERSON}{UNWANTED}",
        f"[男女]{_JOB}",
        f"(?:仅|只|限|招聘?|聘|要)(?:限|要|招|聘|收)?(?:\\d*名)?{_SPOKEN}",
        f"{_SPOKEN}们?(?:优先|优选|为佳|最佳|为主|\\d+[名人位])|{_SPOKEN}{UNWANTED}",
        f"(?:^|[,;。、]){_SPOKEN}们?(?=$|[,;。、])",
    ),
    neutral=compile_any(
        f"男女老?少?{UNASKED}|男女(?:兼收|都要|同工同酬|平等|搭配)",
        f"(?:不限|不论|无论|不分)(?:男女|性别)|性别{UNASKED}|性别(?:男女|男/女|男或女)(?:不限|"
        "均可)?",
        "[男女](?:装|鞋|包|裤|袜|帽|款|童|婴|科|厕|宾|友|朋友|儿|式|鞋服|更衣室|浴室|卫生间|澡堂)",
        "[男女]性?(?:用品|健康|服饰|内衣|顾客|客户|消费者|会员|客人|时装|护肤|患者|病人)",
        "男女(?:生|士|性|员工)?(?:宿舍|分开|分住|分浴)",
        "[男女][生士](?:宿舍|公寓|寝室|用品|服装|内衣|皮鞋|理发|发型)",
        "[男女]职工(?:特殊)?(?:劳动)?(?:保护|权益|委员|工作|关怀)",
        # Two ages of retirement side by side are an age condition, not a choice of sex.
        "男[^女]{0,8}\\d{2}[^女]{0,8}女[^男]{0,8}\\d{2}周?岁",
        "[子儿孙母父妇侄少][男女](?=[^性士生工]|$)|妇女|少女|美女(?!优先)",
    ),
    # 女职工劳动保护特别规定 names work women may not be given; and some rooms have one sex.
    lawful_where=compile_any(
        "井下|矿山|四级体力|女浴室|女更衣|女澡堂|女(?:生)?宿舍|男(?:生)?宿舍|男浴室|男更衣|女监"
    ),
)
_MARRIAGE = Topic(
    code="marriage_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "27"), Citation("妇女权益保障法", "43")),
    asked=compile_any(
        "(?:须|需|要求?|限|仅限|必须)?(?:已|未)(?:婚|育)(?:已|未)?(?:育|婚)?",
        "[\\d一二两三]年内(?:不|无)(?:得|能|要|可)?(?:结婚|怀孕|生育|婚育)",
        "无(?:婚育|生育|怀孕|结婚)(?:计划|打算)",
        "孕检(?!假|期)|验孕|(?:妊娠|怀孕)(?:检测|检查|测试)",
    ),
    neutral=compile_any(
        f"(?:已婚未婚|未婚已婚|婚否|婚姻|婚育)(?:状况|情况)?{UNASKED}|(?:不限|不论)婚(?:否|姻|育)",
        "(?:不|无需|不用|不得|禁止|严禁)(?:做|要求|安排|进行|查)*(?:孕检|验孕|(?:妊娠|怀孕)"
        "(?:检测|检查|测试))",
    ),
)
_ETHNICITY = Topic(
    code="ethnicity_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "28"), Citation("劳动法", "12"), NOTICE_CONTENT),
    asked=compile_any(
        "汉族",
        "(?:仅|只|限|须|需|要求?)(?:限|招|要)?[^,，;。、]{1,3}族(?!群|语)",
        f"(?:少数民族|[^,，;。、]{{1,3}}族)(?:人员?|同胞|同志)?{UNWANTED}",
        "非少数民族",
    ),
    neutral=compile_any(
        f"(?:民族|族别|汉族及?和?(?:其他)?少数民族){UNASKED}|(?:不限|不论|不分)(?:民族|族别)",
        "(?:上班|打工|工薪|家|追星|月光|水|种)族|(?<!少数)民族(?:餐厅|舞|乐器|服装|特色|风味)|"
        "少数民族(?:优先|照顾)",
    ),
)
_RELIGION = Topic(
    code="religion_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "3"), Citation("劳动法", "12")),
    asked=compile_any(
        "(?:无|没有|不信|不得有)(?:任何)?宗教(?:信仰)?",
        f"(?:信教|有宗教信仰)(?:者|人员)?{UNWANTED}",
    ),
    neutral=compile_any(
        f"(?:宗教)?信仰{UNASKED}|无(?:宗教)?信仰(?:要求|限制)|(?:不限|不论)(?:宗教)?信仰"
    ),
)
_HERE = "本地|当地|本[市省区县镇村乡]|附近村"
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|"
    "湖南|广东|"
    "海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古?|广西|西藏|宁夏|新疆|东北|西北|凉山"
)
_AWAY = f"非本地|非本市|非当地|外地|外省|外乡|外来|(?:{_PROVINCES})(?:籍|人)"
_HOUSEHOLD = Topic(
    code="household_condition",
    severity=Severity.REFUSE,
    citations=(EQUAL_TREATMENT, Citation("就业促进法", "31"), NOTICE_CONTENT),
    asked=compile_any(
        "(?:本[地市省区县]|当地|城镇|非农业?|农村|农业|外地|外省)(?:户口|户籍|籍)",
        "(?:户口|户籍|籍贯)(?:所在地)?(?:要求)?:?(?:须|需|限|为|要求|在|仅限)",
        "(?:限|仅限|只招|只限|要求?|须|需)[^,，;。、]{0,6}(?:户口|户籍|籍(?!贯)|本地人)",
        f"(?:外地人?|外省人?|农村人?|乡下人?|[^,，;。、]{{2,3}}(?:籍|省人))(?:员)?{UNWANTED}",
        "(?:本地人?|本[市省区县]人?|当地人?)(?:员)?(?:者)?优先",
        "(?<!不)(?:限|仅限|只招|只要|只限)(?:本地|当地)人?",
        f"(?<![在于为是到从])(?:{_HERE})(?:的|人|人员|居民|村民|员工|户)+"
        "(?:(?:者)?优先|为佳|最佳|最好|者?佳|即可)?(?=$|[,;。、!)])",
        f"(?:{_AWAY})(?:的|人|人员)*{UNWANTED}|(?:不招|不要|不收|拒绝|谢绝|不录用)(?:{_AWAY})",
        f"(?:只招|只要|仅限|限|招收?|优先)(?:{_PROVINCES})(?:人|籍|老乡)|(?:{_PROVINCES})(?:人|"
        "老乡)(?:员)?优先",
    ),
    neutral=compile_any(
        f"(?:户口|户籍|籍贯|地域)(?:所在地)?{UNASKED}|无(?:户口|户籍|籍贯|地域)(?:要求|限制)|"
        "(?:不限|不论|不分)(?:户口|户籍|籍贯|地域|本地|外地)+",
        "(?:协助|帮助|帮忙|代|可|提供|解决|办理)(?:办理|解决|办|迁|落)?(?:[^,，;。、]{0,4})"
        "(?:户口|户籍|落户)(?:迁移|手续)?",
        "户(?:口|籍)(?:本|簿|办理|管理|业务|室|窗口)",
    ),
)
_HEALTH = Topic(
    code="health_condition",
    severity=Severity.REFUSE,
    citations=(Citation("就业促进法", "29"), Citation("就业促进法", "30")),
    asked=compile_any(
        f"(?:残疾|残障)(?:人|人员|者)?{UNWANTED}|(?:无|没有|非)(?:残疾|残障)",
        f"乙肝[^,，;。、]{{0,6}}{UNWANTED}|(?:无|没有|非)乙肝|乙肝(?:两对半|五项|检测)?(?:阴性|"
        "正常|合格)",
        "(?:含|查|检查?|化验|提供|需|要|做)乙肝|乙肝(?:两对半|五项)",
    ),
    neutral=compile_any(
        "(?:残疾|残障)(?:人|人员|者)?(?:优先|可|也可|均可|亦可)|不(?:歧视|限)残疾|无障碍",
        "(?:不|免|不得|禁止|严禁|无需|不会)(?:包?含|检?查|检测?|化验|做|要求|提供|歧视)"
        "*乙肝(?:两对半|五项|检测|检查)?",
    ),
)
_INFECTION = Topic(
    code="health_condition",
    severity=Severity.REVIEW,
    citations=(Citation("就业促进法", "30"),),
    asked=compile_any(
        f"(?:无|没有|非)(?:任何|各类|各种)?传染(?:性)?疾?病|传染病(?:人|患者|者)?{UNWANTED}"
    ),
)
_DOCUMENTS = Topic(
    code="document_withheld",
    severity=Severity.REFUSE,
    citations=(Citation("劳动合同法", "9"), Citation("劳动合同法", "84")),
    asked=compile_any(
        "(?:抵押|扣押|扣留|押|扣|留存|统一保管|上交|收缴)(?:本人|员工|您的|你的|个人|的|一下|好|"
        "其)?"
        "(?:居民)?(?:身份证|证件|毕业证|学历证|驾驶证|驾照|资格证|上岗证|银行卡)(?!复印件(?!原件))",
        "(?:身份证|证件|毕业证|驾驶证|资格证|银行卡)(?:原件)?(?:须|需|要|由公司|由单位|交公司)"
        "?(?:抵押|质押|扣押|扣留|押存|押在|统一保管|上交)",
    ),
    neutral=compile_any(
        "(?:不|不得|不会|禁止|严禁|绝不|从不|无需|无须|不用)(?:抵押|扣押|扣留|押|扣|收取?|留)"
        "(?:任何|个人|员工|居民|的)*"
        "(?:身份证|证件|毕业证|驾驶证|驾照|资格证|银行卡|证)(?:原件)?",
    ),
    denial=Denial(compile_any(f"(?:{NEVER}|不以任何|从不|不允许|不准)[^,;。]{{0,16}}$")),
)
_TATTOO = Topic(
    code="tattoo_condition",
    severity=Severity.REVIEW,
    citations=(EQUAL_TREATMENT,),
    asked=compile_any(
        "(?:无|没有|没|不得有|不能有)(?:明显|外露|大面积|可见|任何|过肩)*(?:纹身|刺青|文身)|"
        f"(?:有)?(?:纹身|刺青|文身)(?:者|人员)?{UNWANTED}"
    ),
    neutral=compile_any(f"(?:纹身|刺青|文身){UNASKED}|(?:不限|不介意)(?:纹身|刺青|文身)"),
)
_BLACKLIST = Topic(
    code="blacklist_condition",
    severity=Severity.REVIEW,
    citations=(EQUAL_TREATMENT,),
    asked=compile_any("(?:无|没有|不在|非|未被?列入|未进入?)[^,，;。、]{0,6}黑名单"),
    neutral=compile_any("黑名单(?:管理|核查|制度|系统|客户)|客户黑名单"),
)
_CREDIT = Topic(
    code="credit_condition",
    severity=Severity.REVIEW,
    citations=(EQUAL_TREATMENT,),
    asked=compile_any(
        "征信(?:报告|记录)?(?:要|须|需)?(?:良好|正常|无(?:不良|逾期|问题)|没有?(?:问题|逾期)|干净)",
        "(?:无|没有|没)(?:个人|不良)?(?:网贷|逾期|征信问题|失信(?:记录)?|不良征信)",
        f"(?:失信|有网贷|征信不良|征信黑|老赖)(?:被执行)?(?:人|人员|者)*{UNWANTED}|非失信",
    ),
    neutral=compile_any(
        f"征信{UNASKED}|(?:不查|不看|不要求|无需)征信|(?:审核|核对|查看|负责)[^,;。]{{0,6}}征信"
    ),
)
_TOPICS: Final = (
    _SEX,
    _MARRIAGE,
    _ETHNICITY,
    _RELIGION,
    _HOUSEHOLD,
    _HEALTH,
    _INFECTION,
    _DOCUMENTS,
    _TATTOO,
    _BLACKLIST,
    _CREDIT,
    *TERMS,
)

# --- Ages ---------------------------------------------------------------------------------------

_AGE_NEUTRAL = compile_any(
    f"年龄{UNASKED}|年龄可?放宽|(?:不限|不论)年龄",
    "\\d+周?岁(?:以上|以下|以内)?的?(?:客户|顾客|用户|人群|群体|会员)",
    "\\d+(?:-|~|—|至|到)?\\d*周?岁(?:以上|以下|左右|以内)?(?:的|之?间)?(?:婴|幼|儿|宝宝|小孩|"
    "孩子|老人|老年|长者|长辈|学生|青少年|少年)",
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
_YOUNG = compile_any(
    "(?:限|仅限|只招|只要|要|要求|须|需)年(?:轻|青)|年(?:轻|青)(?:人|者|员工|化)?(?:优先|为佳|"
    "最佳|为主)",
    f"(?:超龄|年龄大|年纪大|大龄|退休)(?:的|人员|者)*{UNWANTED}|年龄(?:不要|不能|不宜|别)太?大",
    f"\\d{{2}}{_YEARS}左右",
)
_NUMERAL = re.compile("([二三四五六七八九]?)十([一二三四五六七八九]?)(?=周?岁|至|到|-)")
_NUMERALS: Final = "〇一二三四五六七八九"
_OF_WOMEN = re.compile("女[性士生工]?(?:员工|职工)?[^\\d男]{0,4}$")


def _age_hits(text: str) -> Iterator[WordingHit]:
    asked = _AGE_NEUTRAL.sub("。", _NUMERAL.sub(_in_digits, text))
    for found in _AGE_RANGE.finditer(asked):
        yield from _age_hit(asked, found)
    # Ranges are taken out, or the end of 18-35岁以下 would count twice.
    open_ended = _AGE_RANGE.sub("。", asked)
    for pattern in (_AGE_UPPER, _AGE_LOWER):
        for found in pattern.finditer(open_ended):
            yield from _age_hit(open_ended, found)
    if vague := _GENERATION.search(asked) or _YOUNG.search(asked):
        yield WordingHit("age_condition", Severity.REVIEW, (EQUAL_TREATMENT,), vague[0])


def _in_digits(numeral: re.Match[str]) -> str:
    tens, ones = (_NUMERALS.find(found) if found else 0 for found in numeral.groups())
    return f"{tens or 1}{ones}"


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
