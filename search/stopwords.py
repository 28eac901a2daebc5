"""Words too frequent to tell one story from another, after ``analysis.fold`` (so without «ё»).

Chosen from the lists of the Snowball project (https://snowballstem.org/, BSD), shortened: «нет», "no", "not"
and "don't" stay searchable, because in a complaint they carry the meaning.
"""

_RUSSIAN = """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от
меня еще о из ему теперь когда даже ну вдруг ли если уже или ни быть был него до вас нибудь опять уж вам
ведь там потом себя ей может они тут где есть надо ней для мы тебя их чем была сам чтоб без будто чего раз
тоже себе под будет ж тогда кто этот того потому этого какой совсем ним здесь этом один почти мой тем чтобы
нее сейчас были куда зачем всех можно при наконец об другой хоть после над тот через эти нас про всего них
какая разве эту моя впрочем свою этой перед иногда чуть том такой им более всегда конечно всю между это
"""

_ENGLISH = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
herself it its itself they them their theirs themselves what which who whom this that these those am is are
was were be been being have has had having do does did doing would should could ought i'm you're he's she's
it's we're they're i've you've we've they've i'd you'd he'd she'd we'd they'd i'll you'll he'll she'll we'll
they'll let's that's who's what's here's there's when's where's why's how's a an the and but if or because
as until while of at by for with about against between into through during before after above below to from
up down in out on off over under again further then once here there when where why how all any both each few
more most other some such only own same so than too very
"""

RUSSIAN = frozenset(_RUSSIAN.split())
ENGLISH = frozenset(_ENGLISH.split())
STOP_WORDS = RUSSIAN | ENGLISH
