"""Small talk, orders to the program, and errands of a day: nothing that a report could tell.

Words alone decide, before anything is searched: whatever is asked, some sentence of many reports
comes near it.
"""

from __future__ import annotations

import re

from prompts import messages
from qa.answers.answer import Answer
from qa.answers.refusals import refuse
from qa.facts.lexicon import find_indicators
from qa.questions import Question
from qa.reports.clean_text import fold

# Said for itself: 你好!, 谢谢你啦. What follows a greeting is a question.
_COURTESY = re.compile(
    r"(?:(?:(?:你|您|大家)们?好|哈[喽罗]|嗨|嘿|(?:早上|上午|中午|下午|晚上)好|早安?|晚安|多?谢谢?(?:你|您|啦|了)*|(?:你|您)?辛苦(?:你|您)?了|再见|拜拜"
    r"|你(?:真|好|太)(?:棒|厉害|聪明)|不错|好的?|知道了|明白了|收到|没事了?|hello|hi|hey|ok(?:ay)?|thanks?(?: you)?(?: (?:so|very) much)?|bye|good (?:morning|evening|night))[啊呀哦哈呢吧了~!。,.…\s]*)+",
    re.I,
)
# Orders to the program and small talk, whatever words of theirs the reports may hold.
_ORDER = re.compile(
    r"忽略.{0,12}(?:指示|指令|提示|规则|要求)|系统提示词?|提示词.{0,6}(?:打印|输出|告诉)|你是谁|你叫什么"
    r"|你(?:是|属于|用的?是?)(?:不是)?(?:什么|哪个|哪家|哪种|一个)?(?:公司|大?模型|机器人|AI|人工智能|真人)|你(?:今年)?多大了|你(?:有没有|喜不喜欢|喜欢|会不会|[能会](?:干|做)?(?:些|点)?什么)"
    r"|扮演|改写成|(?:陪我|跟我)聊"
    r"|笑话|讲个?故事|写(?:一?[首个段篇封份]|点).{0,10}(?:诗|歌|代码|程序|作文|小说|情书|排序|信|简历|检讨|总结|文案|请假条)|翻译成|菜谱"
    r"|股票.{0,8}(?:买|卖|涨|跌)|ignore (?:all|the|previous)|system prompt|tell me a (?:joke|story)|write (?:me )?a (?:poem|song|story)|translate|\bweather\b",
    re.I,
)
# What people ask a phone: it stays off topic whatever place it names.
_ERRAND = re.compile(
    r"天气(?:怎么样|如何|咋样?|好不好|好吗|预报)|(?:今天|明天|后天|今晚|明早|周末|这两天|现在|会不?会|要不要).{0,8}(?:下雨|下雪|刮风|带伞|穿什么|几度|多少度|冷不冷|热不热)"
    r"|推荐(?:一?下|一?[本部首家款个些点]|几[本部首家款个]|[两三][本部首家款个])|(?:小吃|餐馆|餐厅|饭店|馆子|火锅|小笼包?|面馆|酒店|宾馆|民宿).{0,6}(?:好吃|最?好|便宜|推荐|哪家)|哪[家里儿].{0,8}好吃|好吃的(?:吗|有)"
    r"|(?:吃什么|怎么做)(?:好吃|好|菜)?[??]*$|(?:订|买|抢)(?:一?张)?(?:机|火车|高铁|车|电影|门)票|(?:机|火车|高铁|车|船|电影)票(?:要|是)?(?:多少|几|怎么)|票价"
    r"|(?:几点|星期几|周几|几号)(?:了|呢|啊)?[??]*$|等于(?:几|多少)|(?:帮我|给我)算(?:一?下|算)?(?!.{0,20}(?:增长|增速|占比|比重|差|总额|合计|平均|人均))"
    r"|(?:我|咱)(?:该|应该|要)?(?:不该|不应该|要不要|能不能|适合|想)?.{0,6}(?:买房|结婚|离婚|分手|辞职|跳槽|相亲)|买房(?:合适|划算|好)|值不值得(?:买|去)"
    # What a market will do, and what to do about it: 明年房价会涨吗, 现在该不该下手.
    r"|(?:房价|楼市|房子|房租|股[价市票]|基金|金价|黄金|油价|汇率|币价|比特币).{0,14}(?:会不会|会|能不能|还会|要).{0,6}(?:涨|跌|降|升|崩|反弹)"
    r"|(?:该不该|要不要|值不值得|适不适合|合不合适|能不能|可不可以|应不应该|应该).{0,8}(?:买房|卖房|下手|入手|出手|抄底|上车|买入|卖出|炒股|投资(?:[吗呢,。?!]|房|股|买|$))"
    r"|(?:感冒|发烧|咳嗽|头疼|牙疼|失眠|拉肚子|过敏)了?.{0,6}(?:怎么办|吃什么|怎么治|怎么好)|怎么治|长得.{0,4}(?:帅|好看|漂亮)|星座|算命|运势|减肥|失恋"
    r"|我(?:妈|爸|爷爷|奶奶|儿子|女儿|孩子|老公|老婆|家附近|朋友|自己)|附近(?:有没有|哪|有什么|的)|放几天假|怎么走|(?:坐|开|乘).{0,6}要?多(?:久|长时间)|好(?:看|玩|听)的|哪个?(?:牌子|品牌)(?:的|最|更)?好|(?:录取)?分数线|怎么?才?能?考上|昨[天晚].{0,8}(?:赢|输|比分)"
    r"|(?:世界杯|奥运会|欧冠|NBA|英超|中超|决赛|比赛).{0,8}(?:谁赢|冠军是谁|谁是冠军|比分)|what time is it|\bweather (?:like|today|tomorrow|forecast)|recommend (?:me )?an? (?:book|film|movie|restaurant|hotel)",
    re.I,
)


def is_courtesy(question: Question) -> bool:
    """True for greetings, thanks and the like, said for themselves."""
    return bool(_COURTESY.fullmatch(fold(question.text).strip()))


def is_off_topic(question: Question) -> bool:
    """True for courtesies, orders to the program, small talk and errands that name no indicator.

    Those of earlier turns do not count: 谢谢 is no follow-up.
    """
    if is_courtesy(question):
        return True
    text = fold(question.text)
    if question.survey or find_indicators(text):
        return False
    return bool(_ERRAND.search(text)) or (bool(_ORDER.search(text)) and not question.places)


def refuse_off_topic(question: Question) -> Answer:
    """The refusal of what no report could tell; a greeting is greeted."""
    said = messages("answers", question.language)
    told = said["courtesy"] if is_courtesy(question) else said["out_of_scope"]
    return refuse(question, "out_of_scope", told)
