"""Offices, enterprises, providers and courses of the fictional district."""

from __future__ import annotations

from dataclasses import dataclass

#: The district stands in a real county for its coordinates only; everybody in it is made up.
DIVISION = "510114"
LAT, LON = 30.823, 104.159


@dataclass(frozen=True, slots=True)
class Office:
    """A justice office: name, English name, offset from the centre in degrees."""

    key: str
    name: str
    name_en: str
    north: float
    east: float


OFFICES = (
    Office("dongcheng", "东城司法所", "Dongcheng Justice Office", 0.01, 0.02),
    Office("xihe", "西河司法所", "Xihe Justice Office", 0.0, -0.08),
    Office("nanqiao", "南桥司法所", "Nanqiao Justice Office", -0.07, 0.01),
    Office("beiguan", "北关司法所", "Beiguan Justice Office", 0.08, 0.0),
    Office("qingxi", "清溪司法所", "Qingxi Justice Office", 0.05, 0.09),
    Office("shilin", "石林司法所", "Shilin Justice Office", -0.05, -0.09),
)


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A partner: its trades, the kinds the legal gate looks at, lodging, its ways with people."""

    key: str
    name: str
    name_en: str
    industry: str
    trades: tuple[str, ...]
    kinds: tuple[str, ...] = ("company",)
    lodging: bool = False
    hire: float = 0.5
    keep: float = 0.0  # added to the monthly chance of staying
    north: float = 0.0
    east: float = 0.0


PARTNERS = (
    Enterprise(
        "jixie",
        "青禾示范机械厂",
        "Qinghe Demo Machine Works",
        "机械加工",
        ("machining", "welding", "assembly"),
        lodging=True,
        hire=0.55,
        keep=0.02,
        north=0.03,
        east=0.05,
    ),
    Enterprise(
        "jiancai",
        "石桥示范建材公司",
        "Shiqiao Demo Building Materials",
        "建材",
        ("building_materials", "masonry", "loading"),
        lodging=True,
        hire=0.6,
        north=-0.05,
        east=0.07,
    ),
    Enterprise(
        "baojie",
        "明净示范保洁服务公司",
        "Mingjing Demo Cleaning",
        "保洁",
        ("cleaning",),
        hire=0.75,
        keep=0.03,
        north=0.005,
        east=0.004,
    ),
    Enterprise(
        "yangzhi",
        "丰年示范养殖场",
        "Fengnian Demo Farm",
        "养殖",
        ("pig_farming", "greenhouse"),
        lodging=True,
        hire=0.65,
        keep=-0.01,
        north=0.12,
        east=0.06,
    ),
    Enterprise(
        "fuzhuang",
        "织云示范服装厂",
        "Zhiyun Demo Garments",
        "服装",
        ("sewing", "packing"),
        lodging=True,
        hire=0.55,
        keep=0.02,
        north=-0.02,
        east=-0.05,
    ),
    Enterprise(
        "xiechang",
        "踏实示范鞋业",
        "Tashi Demo Shoes",
        "制鞋",
        ("shoes", "packing"),
        hire=0.5,
        north=-0.06,
        east=-0.04,
    ),
    Enterprise(
        "canyin",
        "知味示范餐饮公司",
        "Zhiwei Demo Catering",
        "餐饮",
        ("cooking", "kitchen"),
        ("company", "catering", "food_business"),
        hire=0.45,
        keep=-0.03,
        north=0.002,
        east=-0.006,
    ),
    Enterprise(
        "wuliu",
        "顺途示范物流园",
        "Shuntu Demo Logistics",
        "物流仓储",
        ("warehouse", "loading", "forklift", "courier"),
        lodging=True,
        hire=0.5,
        keep=-0.02,
        north=-0.09,
        east=0.03,
    ),
    Enterprise(
        "dianqi",
        "恒光示范电气安装公司",
        "Hengguang Demo Electrical",
        "电气安装",
        ("electrician", "welding"),
        hire=0.4,
        keep=0.02,
        north=0.04,
        east=-0.03,
    ),
    Enterprise(
        "shougong",
        "巧手示范手工坊",
        "Qiaoshou Demo Workshop",
        "手工",
        ("crafts", "packing"),
        hire=0.7,
        keep=0.01,
        north=0.06,
        east=0.02,
    ),
    Enterprise(
        "qixiu",
        "同行示范汽修厂",
        "Tongxing Demo Garage",
        "汽车维修",
        ("auto_repair", "assembly"),
        hire=0.4,
        keep=0.01,
        north=-0.03,
        east=0.02,
    ),
)

PENDING = (
    Enterprise(
        "shipin",
        "谷香示范食品厂",
        "Guxiang Demo Foods",
        "食品加工",
        ("packing",),
        ("company", "food_producer"),
    ),
    Enterprise("jiaju", "木言示范家具厂", "Muyan Demo Furniture", "家具", ("assembly",)),
    Enterprise("yuanlin", "新绿示范园林公司", "Xinlv Demo Gardens", "园林", ("greenhouse",)),
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A training provider."""

    key: str
    name: str
    name_en: str


PROVIDERS = (
    Provider("zhixiao", "区示范职业技能培训中心", "District Demo Skills Centre"),
    Provider("nongguang", "示范农业技术推广站", "Demo Farm Extension Station"),
)


@dataclass(frozen=True, slots=True)
class DemoCourse:
    """A course: its words and what it confers, skills as (code, level)."""

    subject: str
    title: str
    title_en: str
    description: str
    skills: tuple[tuple[str, int], ...]
    certificates: tuple[str, ...]
    hours: int
    weeks: int
    provider: str = "zhixiao"


COURSES = (
    DemoCourse(
        "sewing",
        "缝纫工初级班",
        "Sewing, beginners",
        "从认识缝纫机到独立完成一件工装，边学边做。",
        (("sew.flat", 3), ("sew.overlock", 2)),
        ("cert.voc.sewing",),
        120,
        6,
    ),
    DemoCourse(
        "cooking",
        "中式烹调班",
        "Chinese cooking",
        "刀工、火候、大锅菜和后厨卫生，结业即可上灶。",
        (("cook.prep", 3), ("cook.wok", 2), ("cook.hygiene", 2)),
        ("cert.voc.cook", "cert.health"),
        140,
        7,
    ),
    DemoCourse(
        "electrician",
        "低压电工班",
        "Low-voltage electrician",
        "接线、照明、电机控制和安全用电，考取特种作业操作证。",
        (("elec.wiring", 3), ("elec.fault", 2)),
        ("cert.swo.lowvolt",),
        160,
        8,
    ),
    DemoCourse(
        "computing",
        "办公软件与数据录入班",
        "Office software and data entry",
        "打字、表格、网上办事，帮助适应今天的工作方式。",
        (("it.office", 2), ("it.excel", 2), ("it.dataentry", 2)),
        ("cert.it.basic",),
        80,
        4,
    ),
    DemoCourse(
        "shoemaking",
        "制鞋工艺班",
        "Shoemaking",
        "鞋面针车、刷胶、成型三道工序，跟着师傅上线实训。",
        (("shoe.stitch", 3), ("shoe.cementing", 2)),
        ("cert.voc.shoes",),
        100,
        5,
    ),
    DemoCourse(
        "handicraft",
        "竹编与手工组装班",
        "Bamboo weaving and handicraft",
        "竹编、来料组装，学会就能接活，可以在家做。",
        (("craft.bamboo", 3), ("craft.piecework", 2), ("craft.weave", 2)),
        (),
        60,
        3,
    ),
    DemoCourse(
        "planting_breeding",
        "大棚种植与生猪养殖班",
        "Greenhouse and pig farming",
        "育苗、施肥、防病，养殖场防疫与记录。",
        (("agri.greenhouse", 3), ("agri.pig", 2), ("agri.vaccine", 2)),
        (),
        90,
        5,
        "nongguang",
    ),
)
