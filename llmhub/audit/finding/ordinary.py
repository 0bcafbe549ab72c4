"""Tell ids that are also ordinary words: they count only where something else says that a model is meant. Pure.

`command-r`, `sonar`, `text-to-image`, `o1` and `step-3` consist of words that stand in code without any model. `gpt-4`
and `claude-3-opus` do not: one word that only names models is enough.
"""

from __future__ import annotations

import re

_LETTERS = re.compile(r"[a-z]+")
_FEW_LETTERS = 2
_SHORTEST = 3
# Nobody writes text-embedding-3-small without meaning it.
_ENOUGH_PARTS = 2
_WORDS = frozenset(
    """
    abliteration above academic accounts active ada advanced agent agents air all alpha and answer any api apply
    arabic arctic arrow ash asr astra async audio aug aura aurora auto background balance balanced banana base
    basic beast best beta big bigger bit black blue body bodybuilder brave brick build builder canary canvas
    capability captioner cascade character chat cheap cheaper chimera chirp chroma classic cli clip cloud code
    coder coding command community completion complexity compound computer conservative container content context
    contributor control core creative custom cypher dark dash data dawn dec deep default detect detection detector
    dev diamond directive discounted doc doctor document dolphin dot dots draft dream duo dynamic echo edge edit
    edition efficient elephant elite embed embedder embedding embeddings english enhanced erase eva evolution
    evolving exp expand experimental express extended extension fable fallback fast faster feb fill filter finance
    flash flex flux for forgotten form free frontier full fusion gamma gem gen general generalizations generate
    generation generative generator german ghost glimmer global gold google gov green greg grep gte guard guardian
    guardrails guide hd helper hera hermes high home honey horizon house hunter hybrid ideal image images imagine
    img indic inference inkling inpaint instant instruct int intellect intent internal iris jan japanese jet jul
    jun june kat labs large latest law layout legacy legal light lightning ling lint lion lite live local long
    lora lucid luna lunar lyria machine maestro mag magnum mai mar marketing math max may medical medium meeting
    mercury merge meta micro mid mini mixed model models moderate moderation moe money monitor morph motif motion
    multi multilingual multimodal muse music nano native natural nemo neo nest neural new next nexus night nitro
    nlp nomic non north note nov nova oasis object ocr oct off official old omega omni one online only open
    optimized opus orca org origin original orion orpheus oss outpaint owl palm pareto parse path pegasus phi
    phoenix phone phonecall pickle pipeline plain planner play playground plus poly ponytail potato pr prebuilt
    premier premium preview prime privacy pro prompt prover public python quality quick rapid raptor raw ray reach
    read real realism realtime reason reasoner reasoning recolor red reduce relace release relight remove replace
    rerank reranker res research rest ring robotics rocket rope route router routing runway safe safeguard safety
    sample search seed selector sep server short sketch sky slow small smart snow snowflake sol solar sonar sonic
    source space spark speaker special speech spotlight spring sprint ssd stability stable standard star steam
    step stream streaming structure studio studios study style summarizer summer super supernova synth synthetic
    system tab table tako tall tars team tee term terminus terra test text the think thinking thought tiger tim
    tiny titan to together tools trainer transcribe transcription transcriptions transfer transform translate
    trial trinity true tts turbo turn ultra unicorn union unit universal unleashed upscale use utility v verify
    versatile vibe vicuna video vision vista voice voicemail voyage wan wave wayfarer weaver web whisper wide wind
    with workers writer xl xxl year zen zephyr zero zoom
    """.split()  # noqa: SIM905 -- a list of words
)


def is_ordinary(model_id: str) -> bool:
    """Say whether an id may stand in code without meaning a model.

    Examples:
        >>> [is_ordinary(text) for text in ("o1", "sonar-pro", "command-r", "gpt-4", "llama-3-8b", "perplexity/sonar")]
        [True, True, True, False, False, True]
    """
    name = model_id.lower().rpartition("/")[2]
    if name.count("-") >= _ENOUGH_PARTS and any(character.isdecimal() for character in name):
        return False
    words = _LETTERS.findall(name)
    if name == "".join(words) or len(name) < _SHORTEST:
        return True
    return all(len(word) <= _FEW_LETTERS or word in _WORDS for word in words)
