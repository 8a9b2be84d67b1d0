"""Short and English forms of the names of administrative divisions."""

import re

_PEOPLES = (
    "蒙古|维吾尔|哈萨克|柯尔克孜|乌孜别克|塔吉克|锡伯|达斡尔|鄂温克|鄂伦春|赫哲|俄罗斯|裕固|撒拉|保安|东乡|"
    "土家|仡佬|仫佬|毛南|拉祜|哈尼|傈僳|景颇|德昂|布朗|布依|独龙|普米|阿昌|纳西|羌|藏|回|苗|侗|瑶|壮|彝|"
    "傣|白|佤|怒|黎|畲|土|水|满|朝鲜|各"
)
_KINDS = {
    "特别行政区": "",
    "自治区": "",
    "自治州": "Prefecture",
    "自治县": "Autonomous County",
    "自治旗": "Autonomous Banner",
    "地区": "Prefecture",
    "特区": "Special District",
    "林区": "Forestry District",
    "新区": "New Area",
    "省": "",
    "盟": "League",
    "旗": "Banner",
    "市": "",
    "区": "District",
    "县": "County",
}
_SPLIT = re.compile(rf"^(.{{2,}}?)((?:(?:{_PEOPLES})族?)*?)({'|'.join(_KINDS)})$")
# Where common English usage is not the plain pinyin of the Chinese name.
_ENGLISH = {
    "陕西": "Shaanxi",
    "内蒙古": "Inner Mongolia",
    "香港": "Hong Kong",
    "澳门": "Macao",
    "哈尔滨": "Harbin",
    "呼和浩特": "Hohhot",
    "乌鲁木齐": "Urumqi",
    "拉萨": "Lhasa",
}


def short_name(name: str) -> str:
    """Return the name without its kind: 新都区 → 新都, 凉山彝族自治州 → 凉山."""
    parts = _SPLIT.match(name)
    return parts[1] if parts else name


def english_name(name: str, syllables: list[str]) -> str:
    """Return the name as an English reader meets it: 新都区 → Xindu District."""
    parts = _SPLIT.match(name)
    if parts is None:
        return _spell(syllables)
    base, kind = parts[1], _KINDS[parts[3]]
    spelled = _ENGLISH.get(base) or _spell(syllables[: len(base)])
    return f"{spelled} {kind}".rstrip()


def _spell(syllables: list[str]) -> str:
    # The apostrophe keeps 西安 Xi'an apart from a single syllable (汉语拼音方案).
    joined = "".join(
        f"'{syllable}" if index and syllable[0] in "aeo" else syllable
        for index, syllable in enumerate(syllables)
    )
    return joined.capitalize()
