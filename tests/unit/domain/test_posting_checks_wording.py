"""What an advertisement may not ask, and what only sounds like it."""

import csv
from pathlib import Path
from time import process_time

import pytest

from matchboard.domain.posting_record_words import RecordCondition, record_condition
from matchboard.domain.posting_wording import wording_hits

ASKED = {
    "sex_condition": """
        限男性 男士优先 女性优先 性别女 性别：男 仅限女生 保洁（女） 男普工 女服务员 招女工
        男3名女2名 不招女 女性勿扰 适合女性 美女优先 男女各3名 性别要求男 需要女生 男工优先 男性
        身体健康、女性、能吃苦 女性50周岁以下
        """,
    "marriage_condition": "已婚已育优先 未婚 两年内不得怀孕 无生育计划",
    "ethnicity_condition": "汉族 限汉族 维族勿扰 少数民族不要 非少数民族",
    "religion_condition": "无宗教信仰 信教人员勿扰",
    "household_condition": """
        本地户口优先 本市户籍 限四川籍 河南籍勿扰 外地人勿扰 本地人优先 只招本地人
        户籍要求：成都 须本地户籍
        """,
    "health_condition": "无残疾 残疾人勿扰 乙肝勿扰 无乙肝 乙肝两对半阴性",
    "deposit_condition": """
        入职交服装押金300元 收取押金200 需交保证金 需交培训费 押金300 工服押金自理
        """,
    "document_withheld": "押身份证原件 扣押身份证 身份证押在公司 毕业证由公司统一保管",
    "tattoo_condition": "无纹身 有纹身勿扰 无明显刺青",
    "blacklist_condition": "无黑名单 不在骑手黑名单",
    "age_condition": """
        35岁以下 年龄22-55岁 年龄45以下 18-35周岁 不超过40岁 20～50岁 90后优先 25岁以上
        ３５周岁以内 年满25周岁 年龄要求20至45
        """,
    "age_below_working_age": "14-30岁 15岁以上",
}
NEUTRAL = """
    男女不限 性别不限 不限男女 男女均可 男装导购 女鞋销售 女装店长 子女教育补贴 女性用品销售
    女生宿舍管理员 男女同工同酬 年龄不限 18-60岁 年满18周岁 18周岁以上 16岁以上 照顾3岁以上幼儿
    60岁以上老人护理 驾龄3年以上 民族不限 民族餐厅服务员 上班族 户口不限 协助办理户口 提供落户
    户口本复印件 残疾人优先 不歧视残疾人 无押金 直招无押金 0押金 免押金 不收取任何押金
    不扣押身份证 不收取任何费用 投标保证金管理 纹身不限 客户黑名单管理
    男60周岁以下，女50周岁以下 少数民族优先 带身份证复印件面试 需持有驾驶证 工资不低于6000元
    招聘员工10名 不限男女，年龄放宽 押运员 负责押金核对 男宾部技师 保管证件库房 要求持有C1驾驶证
    未婚已婚不限 无宗教信仰要求 本地配送 熟悉本市道路 女职工特殊保护 提供车辆住宿无押金
    服务35岁以下客户
    """


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param(code, text, id=f"{code}-{number}")
        for code, texts in ASKED.items()
        for number, text in enumerate(texts.split())
    ],
)
def test_condition_is_found_when_the_words_ask_for_it(code, text):
    assert code in {hit.code for hit in wording_hits(text)}


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=str(n)) for n, text in enumerate(NEUTRAL.split())]
)
def test_nothing_is_found_when_the_words_only_sound_like_a_condition(text):
    assert [hit.code for hit in wording_hits(text)] == []
    assert wording_hits(f"{text}，限男性")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("男女不限，限35岁以下", ["age_condition"], id="one-neutral-one-not"),
        pytest.param("无押金，押身份证", ["document_withheld"], id="deposit-free-but-documents"),
        pytest.param("男 士 优 先", ["sex_condition"], id="spaced"),
        pytest.param("（女）", ["sex_condition"], id="full-width"),
        pytest.param("18-35岁，35岁以下", ["age_condition"], id="one-hit-a-topic"),
    ],
)
def test_conditions_are_told_apart_when_mixed(text, codes):
    assert [hit.code for hit in wording_hits(text)] == codes


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param("井下采煤工，限男性", "review", id="forbidden-to-women"),
        pytest.param("女浴室服务，限女性", "review", id="room-of-one-sex"),
        pytest.param("仓库管理员，限男性", "refuse", id="no-ground"),
    ],
)
def test_sex_condition_is_reviewed_when_there_may_be_a_ground(text, severity):
    assert [hit.severity for hit in wording_hits(text)] == [severity]


ANY, INTENTIONAL, VAGUE = (
    RecordCondition.ANY_OFFENCE,
    RecordCondition.INTENTIONAL_OFFENCE,
    RecordCondition.VAGUE,
)


RECORDS = {
    ANY: """
        无犯罪记录 无案底 无前科 有案底勿扰 有前科者不要 刑满释放人员勿扰 提供无犯罪记录证明
        未受过刑事处罚 无违法犯罪记录 无任何犯罪前科 没有犯罪记录 无违法和犯罪记录
        无故意犯罪记录、无前科
        """,
    INTENTIONAL: """
        无故意犯罪记录 须无故意犯罪记录（保安服务管理条例） 没有因故意犯罪受过刑事处罚
        """,
    VAGUE: """
        无不良记录 政审合格 无劣迹
        """,
    None: """
        不要求无犯罪记录 有案底可 有前科也可 案底不限 无需提供无犯罪记录证明 无不良嗜好
        犯罪心理学 刑满释放人员优先 不问前科 无需经验
        """,
}


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        pytest.param(text, condition, id=f"{condition}-{number}")
        for condition, texts in RECORDS.items()
        for number, text in enumerate(texts.split())
    ],
)
def test_record_condition_is_classified_when_worded(text, condition):
    found = record_condition(text)
    assert (found[0] if found else None) == condition


WORDINGS = Path(__file__).parents[2] / "data" / "posting_wordings.csv"


def _rows():
    with WORDINGS.open(encoding="utf-8", newline="") as file:
        return [(row["finding"], row["words"]) for row in csv.DictReader(file)]


def _findings(text):
    found = {f"{hit.code}:{hit.severity}" for hit in wording_hits(text)}
    return found | {str(asked[0]) for asked in [record_condition(text)] if asked}


@pytest.mark.parametrize("finding", [pytest.param(f, id=f or "lawful") for f in dict(_rows())])
def test_advertisement_is_judged_by_its_kind_when_worded_as_people_word_it(finding):
    """Both ways: nothing of a kind is missed, and no lawful sentence is taken for one."""
    texts = [words for wanted, words in _rows() if wanted == finding]
    right = {finding} if finding else set()
    assert {words: _findings(words) for words in texts} == dict.fromkeys(texts, right)


@pytest.mark.parametrize(
    "text",
    [
        "不需要" * 1300,
        "不收取" * 1300,
        "押金" * 2000,
        "无" * 4000,
        "试工三天" * 1000,
        "没有过" * 1300,
        "1" * 4000,
        "1 2" * 1300,
        "1,0" * 1300,
        "一千" * 2000,
        "18岁" * 1300,
        "没得钱押金" * 800,
    ],
)
def test_wording_check_stays_quick_when_one_word_is_repeated(text):
    before = process_time()
    _findings(text)
    assert process_time() - before < 1


def test_figure_is_read_to_its_end_when_it_is_one():
    """Only what no figure is that long is cut: the words after it are still read."""
    assert _findings(f"交押金{'1' * 12}元") == _findings("交押金500元") != set()
    assert _findings("1" * 4000 + "。交押金500元") == _findings("交押金500元")
