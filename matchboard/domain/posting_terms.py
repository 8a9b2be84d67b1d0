"""What an advertisement says of money and terms: deposits, fees, wages, insurance, contract.

Each topic is a kind of sentence (who collects, how much, what) rather than a list of strings; its
denials are a kind too (严禁…, 不以任何名义…, …公司承担).
"""

from typing import Final

from matchboard.domain.occupational_bars import Citation
from matchboard.domain.posting_phrases import (
    HAN_FIGURES,
    NEVER,
    NUMBER,
    Denial,
    Severity,
    Topic,
    compile_any,
)

_AMOUNT = (
    "(?:¥?[1-9][\\d,]*(?:\\.\\d+)?[k千百万]?(?:元|块|圆|rmb)?"
    f"|[{HAN_FIGURES}]+(?:元|块|圆))(?:钱|整)?"
)
_GAP = "[^,;。!?|不无没免未零非]"
_NO = (
    "(?:不|无|没有?|未|从未|免|零|禁止|严禁|严格禁止|杜绝|拒绝|取消|非|勿|绝不|从不|决不|别|"
    "谢绝|抵制|"
    "反对)"
)

# --- Deposits and fees ---------------------------------------------------------------------------

_DEPOSIT = "(?:风险抵押金|抵押金|押金|保证金|风险金|诚信金|入职金|定金|订金|履约金|质保金)"
_FEE = (
    "(?:服装|工装|工服|工作服|制服|厂服|衣服|鞋帽|劳保|工牌|胸牌|厂牌|工具|材料|资料|岗前培训|"
    "培训|学习|"
    "教材|入职|上岗|岗位|报名|建档|档案|中介|介绍|推荐|手续|安置|名额|占位|面试|登记|会员|代招|"
    "劳务)"
    "(?:费用?|钱|款)|学费"
)
_HEALTH_FEE = "(?:体检|健康证|健康证明|办证|入职检查|身体检查)(?:的)?(?:费用?|钱|款)"
_COLLECT = (
    "(?:交纳|缴纳|交付|预交|预缴|预付|补交|上交|收取|收缴|扣除|扣下|扣|代扣|预扣|垫付|支付|缴|"
    "付|押|收|"
    "交(?!通|接|流|易|班|货|代|给))"
)
_DEMAND = "(?:需要?|须|必须|得|先|要|应|有|含|另收|另付|另交|加收)"
_OTHERS = (
    "(?:客户|客人|顾客|租户|租客|住户|业主|车主|乘客|会员|房客|旅客|商户|学员家长|买家|投标|"
    "履约|招标|"
    "农民工工资|租金|租赁|租车|租房|房屋|合同|质量|物业|场地|车辆)"
)
_DUTY = "(?:前台|收银台|负责|办理|协助|核对|登记|管理|清点|处理|收退|退还客|统计|催收)"
# What may stand between a denial and what it denies.
_LIGHT = (
    "(?:会|得|能|可以?|允许|准|许|以|任何|名义|形式|方式|理由|借口|名目|向|对|让|给|员工|求职者|"
    "求职人员|"
    "劳动者|应聘者|应聘人员|工人|工友|个人|本人|您|你|大家|的|再|另外?|额外|需要?|须|要|用|必|"
    "先|入职|上岗|"
    "面试|报到|服装|工装|工服|制服|培训|体检|住宿|宿舍|车辆|其他|其它|一切|各种|各类|费用?|和|"
    "及|或|与|等|、|/|"
    f"有|存在|发生|出现|单位|公司|企业|用人|中介|机构|{_COLLECT}|{_DEPOSIT}|{_FEE}|{_HEALTH_FEE})"
)
# Possessive, so that a long row of such words is read once.
_DENIED = compile_any(f"(?:{_NO}|(?<!\\d)0元?){_LIGHT}*+$")
_WAIVED = compile_any(
    "(?:的)?(?:行为)?:?(?:全免|免|一律不收|不收|不交|不需|不用|无|没有|取消|为?0元?|不存在|均不|"
    "皆不|"
    "可?全额?报销|报销|补贴|由?公司|由?单位|由?企业|由?厂)"
)
_WARNED = compile_any("举报|投诉|诈骗|骗子|欺诈|违法|犯法|警惕|谨防|当心|上当|严肃处理|严查|追究")
_BORNE = compile_any(
    "(?:公司|单位|企业|工厂|厂[里方家]?|我司|我方|本店|店里|雇主|老板|平台|用人方)[^,;。]{0,8}"
    "(?:承担|报销|支付|负责|代缴|代付|代交|买单|包|出资|出钱|来出|出$|补贴)",
    "报销|免费|补贴|补助|津贴",
)
_NOT_TAKEN = Denial(
    _DENIED,
    after=_WAIVED,
    clause=compile_any(f"{_DUTY}{_GAP}{{0,10}}{_DEPOSIT}|{_OTHERS}的?{_GAP}{{0,4}}{_DEPOSIT}"),
    sentence=_WARNED,
)
_NOT_CHARGED = Denial(
    _DENIED,
    after=_WAIVED,
    clause=compile_any(_BORNE.pattern, f"{_DUTY}{_GAP}{{0,10}}(?:{_FEE}|{_HEALTH_FEE})"),
    sentence=_WARNED,
)
_SELF = (
    "(?:自理|自付|自费|自备|自出|自行(?:承担|解决|负责)|"
    "(?:由|须由|需由)?(?:自己|个人|本人|员工|劳动者|求职者|应聘者)(?:自行)?(?:承担|负担|支付|出|"
    "付|掏))"
)
_FROM_WAGE = (
    "(?:从|在|由)?(?:首月|第一个月|当月|次月|每月)?(?:工资|薪资|薪水)(?:中|里|内)?(?:扣|抵)"
)
_TAKING = (Citation("劳动合同法", "9"), Citation("劳动合同法", "84"))

DEPOSIT: Final = Topic(
    code="deposit_condition",
    severity=Severity.REFUSE,
    citations=_TAKING,
    asked=compile_any(
        f"{_COLLECT}{_GAP}{{0,10}}{_DEPOSIT}",
        f"{_DEMAND}{_GAP}{{0,6}}{_DEPOSIT}",
        "(?:服装|工装|工服|制服|工牌|工具|入职|上岗|岗位|宿舍|床位|钥匙)(?:押金|保证金|风险金)",
        f"{_DEPOSIT}(?:费用?)?[:为是约需共按每人收]*{_AMOUNT}|{_AMOUNT}的?{_DEPOSIT}",
        f"{_DEPOSIT}(?:{_SELF}|{_FROM_WAGE}|[^,;。不无]{{0,8}}(?:退还|返还|可退|后退))",
        f"[押压]{_AMOUNT}(?![\\d付年天个日名辆小周月])",
        # A denial of what happens without it is a demand: 不交押金不能上岗.
        f"(?:不|未|没)(?:交|缴|付|押){_GAP}{{0,6}}(?:{_DEPOSIT}|{_FEE})(?:者|的|人员)?(?:一律)"
        "?(?:不|勿|无法|禁止|免)",
    ),
    neutral=compile_any(
        f"{_DEPOSIT}(?:管理|核对|登记|收退|单|条|制度)",
        f"(?:{_NO}|(?<!\\d)0元?)(?:(?!{_DEPOSIT}){_LIGHT})*+{_DEPOSIT}(?!{_GAP}{{0,3}}(?:不|勿|"
        "无法|禁止|免(?!谈)))",
    ),
    denial=_NOT_TAKEN,
)
FEE: Final = Topic(
    code="deposit_condition",
    severity=Severity.REFUSE,
    citations=_TAKING,
    asked=compile_any(
        f"{_COLLECT}{_GAP}{{0,8}}(?:{_FEE})",
        f"{_DEMAND}{_GAP}{{0,4}}(?:{_FEE})",
        f"(?:{_FEE})[:为是约需共按每人收]*{_AMOUNT}|{_AMOUNT}的?(?:{_FEE})",
        f"(?:{_FEE})(?:{_SELF}|{_FROM_WAGE})",
        "(?:自费|自己花钱|自掏腰包|自己出钱)(?:购?买|订?做|参加|缴?交?)?(?:服装|工装|工服|"
        "工作服|制服|培训|岗前培训)",
        f"(?:交纳|缴纳|预交|收取|缴|交){_GAP}{{0,6}}(?:{_HEALTH_FEE})",
        "(?:培训|上岗|入职)(?:须|需|要)?(?:收费|付费|交费|缴费|交钱|缴钱)",
        f"(?:先|需要?|须|要|入职|上岗|报名|面试)(?:先)?(?:交|缴)纳?{_AMOUNT}(?![^,;。]{{0,4}}社)",
        f"(?:购?买|订购)(?:服装|工装|工服|工作服|制服|工具|工牌)(?:费)?{_AMOUNT}",
    ),
    denial=_NOT_CHARGED,
)
COSTS: Final = Topic(
    code="costs_on_worker",
    severity=Severity.REVIEW,
    citations=(Citation("劳动合同法", "9"),),
    asked=compile_any(
        f"(?:{_HEALTH_FEE}|体检|健康证)[:为是需]*(?:{_SELF}|{_FROM_WAGE}|{_AMOUNT})",
        "(?:自备|自费|自付|自理|自出|自己承担|自行承担|自己出)(?:去|做|办理?|参加)"
        f"?(?:{_HEALTH_FEE}|体检|健康证)",
        "(?:自备|自购|自带|自买)(?:服装|工装|工服|工作服|制服|劳保)(?:费|$|[,;。、])",
        "(?:体检|健康证)(?:须|需|要)?(?:收费|付费|交费)",
    ),
    denial=Denial(
        compile_any(_DENIED.pattern, f"{_COLLECT}$"),
        after=_WAIVED,
        clause=_NOT_CHARGED.clause,
        sentence=_WARNED,
    ),
)

# --- Wages --------------------------------------------------------------------------------------

_PAY = "(?:工资|薪资|薪水|薪金|工钱|薪酬|薪|报酬|劳务费)"
_SPAN = (
    f"(?:(?:首月|头个?月|第一个月|前?{NUMBER}(?:个?多?月|天|日|周|个?星期|个?礼拜)|"
    "半个?月|一月)的?)"
)
_HELD = "(?:扣押|扣留|暂扣|押扣|克扣|押|扣下|截留)"
_PROMPT = Denial(
    compile_any(f"{_NO}(?:会|得|能|可以?|允许|再|任何|名义|以|存在|拖欠|和|、|/|或|及)*$"),
    sentence=_WARNED,
)
WITHHELD: Final = Topic(
    code="wage_withheld",
    severity=Severity.REFUSE,
    citations=(Citation("劳动法", "50"), Citation("劳动合同法", "30")),
    asked=compile_any(
        f"{_HELD}(?:员工|你|您|工人)?的?{_SPAN}?{_PAY}",
        f"{_HELD}{_SPAN}(?:{_PAY}|$|[,;。、的])",
        f"扣(?:除|掉|发)?(?:员工)?{_SPAN}{_PAY}",
        f"{_SPAN}?{_PAY}(?:先|要|需|须|全部|暂时|均|都)*{_HELD}",
        f"{_SPAN}{_PAY}[^,;。不无]{{0,6}}(?:作为?押金|抵押金|作?抵押|离职时?再?(?:发|退|结)|"
        "年底再?发|辞工再?发)",
    ),
    neutral=compile_any("押运|押车|押送|押解|扣款条件"),
    denial=_PROMPT,
)
ARREARS: Final = Topic(
    code="wage_in_arrears",
    severity=Severity.REVIEW,
    citations=(Citation("劳动法", "50"),),
    asked=compile_any(f"压{_SPAN}(?:{_PAY}|$|[,;。、的])|压{_PAY}|压薪|{_PAY}压{_SPAN}"),
    neutral=compile_any("高压|低压|抗压|加压|液压|承压|血压|气压|电压|施压|变压|降压|调压"),
    denial=_PROMPT,
)
_TRIAL = (
    "(?:试工|试岗|试做|试干|试用期?|试班|跟班|跟岗|见习期?|实习期?|学徒期?|学习期?|培训期?|"
    "岗前培训|带教期?)"
)
_UNPAID = (
    "(?:(?:不|没有?|无|未|免|零)(?:会)?(?:发|计|算|给|结|付|支付|开|有|任何|带|拿|领|含|享受)"
    f"*(?:{_PAY}|钱)"
    "|没有?钱|没得钱|白干|白做|义务(?:劳动|帮忙)|免费(?:干|做|劳动|帮工))"
)
_FAILED = "(?:不合格|没通过|未通过|不通过|不录用|未录用|没留下)"
UNPAID_TRIAL: Final = Topic(
    code="unpaid_trial",
    severity=Severity.REVIEW,
    citations=(Citation("劳动法", "50"), Citation("劳动合同法", "20")),
    asked=compile_any(
        f"{_TRIAL}[^,;。]{{0,10}}{_UNPAID}|{_TRIAL}[^,;。]{{0,8}},(?:期间)?{_UNPAID}",
        f"(?:前|头|最初|开始){NUMBER}(?:天|日|周|个?星期|个?月|小时)[^,;。]{{0,8}}{_UNPAID}",
        f"(?:首个?|头一?个?|第一个?)(?:月|周|星期|天)[^,;。]{{0,4}}{_UNPAID}",
        f"(?:免费|无偿|义务|无薪|无工资|不带薪|不计薪|白)(?:的)?(?:先)?{_TRIAL}",
        f"{_TRIAL}[^,;。]{{0,8}},?(?:合格|通过|录用|留下|留用|转正)(?:了|者)?(?:后|才|再|之后|"
        f"以后)(?:才|再|开始)?(?:计|算|发|给|开|有){_PAY}",
    ),
    neutral=compile_any(
        f"{_TRIAL}[^,;。]{{0,8}}(?:不扣|不压|不押|不拖欠|不降|不打折|不减|不少)"
        f"[^,;。]{{0,4}}{_PAY}",
        f"(?:不|没)(?:需要?|用|必|会|得)?(?:免费|无偿|无薪){_TRIAL}|{_NO}(?:无薪|无偿|免费)"
        f"{_TRIAL}",
        f"{_FAILED}[^,;。]{{0,3}}{_UNPAID}",
        "无(?:责任?)?底薪",
        "免费(?:岗前)?培训|免费学习",
    ),
    denial=Denial(compile_any(f"(?:{NEVER}|不存在|拒绝)[^,;。]{{0,6}}$"), sentence=_WARNED),
)
FORFEITED: Final = Topic(
    code="wage_forfeited",
    severity=Severity.REFUSE,
    citations=(Citation("劳动法", "50"), Citation("劳动合同法", "26")),
    asked=compile_any(
        f"{_FAILED}(?:者|的|就|则)?,?(?:一律)?{_UNPAID}",
        f"(?:不满|未满|不足|不到|没满|做不满|干不满|没干满|没做满|少于){NUMBER}"
        "(?:天|日|周|个?星期|个?月)"
        f"[^,;。]{{0,6}},?(?:一律)?{_UNPAID}",
        f"(?:自离|自动离职|擅自离职|辞职|辞工|离职|急辞|旷工)(?:者|的|一律|均|就|则)*,?{_UNPAID}",
    ),
    neutral=compile_any(f"不(?:会)?因[^,;。]{{0,12}}{_UNPAID}|{_UNPAID}的?{_WARNED.pattern}"),
)

# --- Insurance and contract -----------------------------------------------------------------------

_INSURANCE = (
    "(?:社会保险费?|社保费?|五险一金|五险|六险一金|三险一金|三险|养老保险|医疗保险|工伤保险|"
    "失业保险|"
    "保险(?!销售|业务|公司|代理|从业|经验|任务|推销|产品|柜|杠|丝))"
)
_INSURANCE_LAW = (Citation("社会保险法", "58"),)
_WAIVER = "(?:放弃|弃缴|弃交|自弃)"
_IN_CASH = (
    "(?:折现|折算成?现金|折成现金|折合现金|现金补贴|现金发放|现金代替|以?现金(?:形式|方式)"
    "?(?:发放|支付|补偿|补贴)|发到工资里?|算在工资里|含在工资里?|包含在工资)"
)
INSURANCE_WAIVED: Final = Topic(
    code="insurance_waived",
    severity=Severity.REFUSE,
    citations=_INSURANCE_LAW,
    asked=compile_any(
        f"{_WAIVER}(?:参加|缴纳|购买|交纳|缴|交|买)?[^,;。]{{0,4}}{_INSURANCE}|"
        f"{_INSURANCE}[^,;。]{{0,6}}{_WAIVER}",
        f"(?:不|无)(?:需|用|须|必)?(?:参保|缴|交|买)?{_INSURANCE}?(?:承诺书|声明书?|协议书?)",
        f"{_INSURANCE}[^,;。]{{0,6}}{_IN_CASH}",
        f"{_INSURANCE}(?:费用?)?(?:全部|由|须|需|要)*(?:自理|自缴|自交|自付|自费|自己(?:交|缴|买|"
        "承担|负责)|自行(?:缴纳|购买|承担|解决)|个人(?:全额|全部)?(?:承担|缴纳|负责))",
    ),
    neutral=compile_any(
        f"{_INSURANCE}个人(?:应缴?|缴费|承担)?部分",
        "个人部分(?:由)?(?:个人|自己|本人)(?:承担|缴纳)",
    ),
    denial=Denial(
        compile_any(
            "(?:不|不得|不能|不可|禁止|严禁|无需|不用|不需要?|杜绝|不准|不会)(?:让|要求|强迫|"
            "员工|以任何|形式|理由|签订?|签署|约定|变相)*$"
        ),
        sentence=_WARNED,
    ),
)
INSURANCE_MISSING: Final = Topic(
    code="insurance_missing",
    severity=Severity.REVIEW,
    citations=_INSURANCE_LAW,
    asked=compile_any(
        "(?:不|没有?|无|未|暂不|暂无)(?:给|帮|为|予|办理?|购买|缴纳|交纳|参加|提供|包含?|买|缴|"
        f"交|上|含|享受?|员工|任何|有|购)*+{_INSURANCE}",
        f"{_INSURANCE}(?:一律|暂时?|均)?(?:不交|不缴|不买|不办|没有|暂无|无(?!忧)|不含|不提供)",
        f"(?:转正|试用期(?:过|满|结束)|满{NUMBER}(?:个?月|年)|{NUMBER}"
        "(?:个月|年))(?:以后|之后|后|才|起|再)+(?:可|给|开始|才|再|统一)*(?:购买|缴纳|交纳|办理|"
        f"参加|买|缴|交|上|享受|有){_INSURANCE}",
    ),
    neutral=compile_any(
        "(?:无需|不用|不需要?|不必)(?:自己|本人|个人|员工|你|您)+(?:购买|缴纳|交|缴|买)"
        f"?{_INSURANCE}",
        "(?:不得|不会|不能|不允许|严禁|禁止|绝不|从不)(?:不|拒绝|拖欠|欠缴|漏缴|断缴)"
        f"[^,;。]{{0,4}}{_INSURANCE}",
        f"不(?:拖欠|欠缴|漏缴|断缴|降低|扣){_INSURANCE}",
        f"(?:无论|不论|不管|不仅|不但)[^,;。]{{0,10}}{_INSURANCE}|{_INSURANCE}无(?:缝|忧|断)",
    ),
    denial=Denial(compile_any(f"(?:{NEVER}|拒绝)[^,;。]{{0,4}}$"), sentence=_WARNED),
)
_CONTRACT = "(?:任何|书面|正式|劳动|用工|劳动用工)*+(?:合同|协议)"
NO_CONTRACT: Final = Topic(
    code="contract_refused",
    severity=Severity.REFUSE,
    citations=(Citation("劳动合同法", "10"), Citation("劳动合同法", "82")),
    asked=compile_any(
        "(?:不|没有?|无|未|免|暂不|不用|无需|无须|不需要?|不必)(?:与?员工)?(?:签订|签署|签|订立|"
        f"有)?{_CONTRACT}(?!期|约束|纠纷|经验|管理|工|制|法|不|勿|者)",
        f"{_CONTRACT}(?:一律|暂时?|均)?(?:不签|免签|不订|无需签)",
        "口头(?:约定|协议|合同)(?:即可|就行|为准)?",
    ),
    neutral=compile_any(
        "(?:不签|无|没有?|不)(?:长期|固定期限|竞业|保密|卖身|对赌|捆绑|霸王|阴阳|空白)+(?:性)"
        "?(?:劳动)?(?:合同|协议)",
        f"(?:{NEVER})(?:不|拒绝|拖延)(?:签订|签署|签|订立)?{_CONTRACT}",
        "无固定期限(?:劳动)?合同|无合同(?:期|纠纷|约束)",
    ),
    denial=Denial(compile_any(f"(?:{NEVER}|拒绝|无)$"), sentence=_WARNED),
)
RISK_SHIFTED: Final = Topic(
    code="risk_shifted",
    severity=Severity.REFUSE,
    citations=(Citation("劳动合同法", "26"), Citation("工伤保险条例", "2")),
    asked=compile_any(
        "(?:工伤|伤亡|伤残|生死|安全|意外|事故|受伤|死伤|病痛)(?:事故|责任|风险|问题|费用|一切|"
        "后果)*"
        "(?:均|都|由|全部|须|需|一律)*(?:本人|个人|自己|员工)?(?:自负|自理|自行负责|自行承担|"
        "自己负责|自己承担|自担|概不负责|与(?:公司|单位|本厂|本公司)无关)",
        "(?:公司|单位|本厂|厂方|老板)(?:不承担|不负|概不负|不管)[^,;。]{0,6}(?:工伤|伤亡|受伤|"
        "事故|意外)",
    ),
    denial=Denial(compile_any(f"(?:{NEVER}|不让|无需)[^,;。]{{0,4}}$"), sentence=_WARNED),
)
SERVICE_CONTRACT: Final = Topic(
    code="service_contract",
    severity=Severity.REVIEW,
    citations=(Citation("劳动合同法", "10"),),
    asked=compile_any("(?:签订?|签署|订立)(?:的是)?(?:劳务|承揽|合作|承包|兼职|加盟)(?:合同|协议)"),
    denial=Denial(compile_any("(?:不|不得|非|禁止|严禁|负责|协助|与?客户)$")),
)
TERMS: Final = (
    DEPOSIT,
    FEE,
    COSTS,
    WITHHELD,
    ARREARS,
    FORFEITED,
    UNPAID_TRIAL,
    INSURANCE_WAIVED,
    INSURANCE_MISSING,
    NO_CONTRACT,
    RISK_SHIFTED,
    SERVICE_CONTRACT,
)
