"""Find the words for the work in an advertisement's title: no employer, place, pay or welfare."""

from __future__ import annotations

import re

from ml.text import mask_custody, pieces

MOST_PIECES = 6
# Ranks without a trade: they say what somebody is, not what is done, so alone they suggest nothing.
RANKS = frozenset(
    re.findall(
        r"\S+",
        "经理 主管 总监 助理 专员 顾问 员工 工程师 技术员 代表 主任 老师 教师 师傅 工人 总经理 "
        "组长 班长 其他 管理 操作 人员 实习 学徒 普工",
    )
)

_BRACKETS = re.compile(r"[(\[【<《{][^)\]】>》}]*[)\]】>》}]?")
_BRACKET_SIGNS = re.compile(r"[()\[\]【】<>《》{}]")
_RANK_AFTER = "经理|主管|专员|顾问|助理|总监|师|专家|hr|运营"
_EMPLOYER = re.compile(rf"^.*?(?:诚聘|急聘|高薪聘|急招|诚招|招募|聘请|招聘)(?!{_RANK_AFTER})(?=..)")
_PLACE = re.compile(r"^[\u4e00-\u9fff]{2,3}?(?:省|市|区|县|镇|州|旗)(?=..)")
_WELFARE = re.compile(
    "|".join(
        (
            "[五六七]险[一二两]?金?",
            "双休|单休|周末|月休[0-9]*天?|带薪年假|年假|法定节假日|不加班|加班|[朝早]九晚[五六]",
            "包吃包?住宿?|包食宿|包住宿?|提供住宿|提供食宿",
            "(?:无责|高|保)?底薪|高?提成|月入|月薪|年薪|日结|周结|高薪|社保|公积金|福利好?|待遇优?",
            "急招|诚聘|招聘|招募|诚招|直招|急聘",
            "可?接受|零经验|无经验|无责|小白|应届生?|毕业生|实习生?|见习生?|兼职|全职|长期|短期",
            "暑假工|寒假工|管培生|储备|储干|就近(?:分配|安排|安置)?|上市公司|国企|央企|外企",
            "长?白班|[两三]班倒|倒班|学徒可|熟手优先|稳定|轻松|优先|数名|若干名?",
            r"[0-9]+(?:\.[0-9]+)?(?:[-~到至][0-9]+(?:\.[0-9]+)?)?[wk千万元]?\+?",
        )
    )
)
_GRADE = re.compile(r"^(?:高级|中级|初级|资深|首席|集团|熟练|熟手)+")


def title_pieces(title: str) -> list[str]:
    """Return the parts of a title that may name the work, in their order, none twice.

    Custody words are masked first. Where nothing would be left the title's own pieces stand.

    Examples
    --------
    >>> title_pieces("新都区某某饭店招聘：高级面点师（包吃住）+五险一金")
    ['面点师']
    >>> title_pieces("招聘经理"), title_pieces("双休"), title_pieces("")
    (['经理'], ['双休'], [])
    """
    masked = mask_custody(title)
    open_text = _BRACKETS.sub(" ", masked)
    if len(open_text.strip()) < 2:
        open_text = _BRACKET_SIGNS.sub(" ", masked)
    bare = _WELFARE.sub(" ", _PLACE.sub("", _EMPLOYER.sub("", open_text)))
    found = [_GRADE.sub("", piece) or piece for piece in pieces(bare)]
    named = [piece for piece in found if len(piece) > 1]
    return list(dict.fromkeys(named or pieces(masked)))[:MOST_PIECES]
