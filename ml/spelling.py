"""How alike two short Chinese words are by characters and syllables, in one script."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from pypinyin import Style, lazy_pinyin

# Traditional forms and common variants met in words for work, each before its simplified form.
_PAIRS = (
    "電电銲焊車车機机縫缝紉纫廚厨師师開开長长門门務务員员護护養养豬猪雞鸡魚鱼鴨鸭種种樹树剪剪裝装載载"
    "運运輸输貨货櫃柜庫库倉仓揀拣快快遞递賣卖買买銷销營营業业話话語语計计會会財财務务理理髮发發发燙烫"
    "麵面麪面點点飯饭館馆餐餐飲饮乾干幹干鋼钢筋筋鐵铁鋁铝銅铜鋸锯鑽钻銑铣鉗钳鍋锅爐炉燒烧烤烤滷卤"
    "製制衣衣廠厂線线織织紡纺針针繡绣鞋鞋皮皮屬属質质檢检驗验測测試试圖图紙纸畫画設设備备維维修修護护"
    "壓压氣气體体氬氩弧弧築筑牆墙磚砖漿浆塗涂漆漆頂顶樓楼掃扫潔洁淨净環环衛卫園园綠绿農农場场區区"
    "搬搬裝装卸卸疊叠號号碼码單单記记帳账錄录電电腦脑網网絡络視视頻频影影輯辑攝摄廣广據据數数控控"
    "療疗醫医藥药產产嬰婴兒儿歲岁駕驾駛驶執执證证學学習习練练級级術术類类專专齊齐優优實实驗验過过"
    "無无沒没懂懂熱热愛爱鏟铲叉叉挖挖掘掘塔塔吊吊橋桥樑梁樁桩漁渔獵猎鎖锁錶表鐘钟錘锤螺螺絲丝釘钉"
)
_SIMPLIFIED = str.maketrans(_PAIRS[::2], _PAIRS[1::2])
# Sounds that many speakers do not keep apart.
_ACCENT = (("zh", "z"), ("ch", "c"), ("sh", "s"))


def simplified(text: str) -> str:
    """Write the traditional characters met in words for work in their simplified form.

    Examples
    --------
    >>> simplified("電焊縫紉開鏟車")
    '电焊缝纫开铲车'
    """
    return text.translate(_SIMPLIFIED)


@lru_cache(maxsize=32_768)
def syllable(character: str) -> str:
    """Return a character's most common reading without tone, what accents confuse made one.

    Examples
    --------
    >>> syllable("焊"), syllable("张"), syllable("c")
    ('han', 'zang', 'c')
    """
    sound: str = lazy_pinyin(character, style=Style.NORMAL)[0]
    for wide, narrow in _ACCENT:
        sound = sound.replace(wide, narrow)
    return sound


def syllables(word: str) -> tuple[str, ...]:
    """Return the syllables of a word, one a character."""
    return tuple(syllable(character) for character in word)


def alike(first: str, second: str) -> float:
    """Return how alike two words are, from 0 to 1: half by characters, half by syllables.

    Each half is the Dice coefficient of their distinct 1- and 2-grams.

    Examples
    --------
    >>> alike("电焊", "电焊"), round(alike("电汗", "电焊"), 2), alike("电焊", "养猪")
    (1.0, 0.67, 0.0)
    """
    return (_dice(first, second) + _dice(syllables(first), syllables(second))) / 2


def _dice(first: Sequence[str], second: Sequence[str]) -> float:
    left, right = _grams(first), _grams(second)
    return 2 * len(left & right) / (len(left) + len(right)) if left and right else 0.0


def _grams(symbols: Sequence[str]) -> set[tuple[str, ...]]:
    single = {(symbol,) for symbol in symbols}
    return single | set(pairwise(symbols))
