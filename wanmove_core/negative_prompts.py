"""What the authors of Wan write into the negative prompt when the user writes nothing (Wan-Video/Wan2.1 ``wan/configs``).

In English: garish colours, overexposed, static, blurred details, subtitles, style, work of art, painting, still picture,
greyish overall, worst quality, low quality, JPEG artefacts, ugly, mutilated, extra fingers, badly drawn hands and faces,
deformed, disfigured, fused fingers, motionless picture, cluttered background, three legs, many people behind, walking
backwards.
"""

SHARED_NEGATIVE_PROMPT = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，"
    "多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，"
    "倒着走"
)
"""of the T2V models, of all Wan 2.2 models, and the end of Wan 2.1's for pictures"""

I2V_NEGATIVE_PROMPT = f"镜头晃动，{SHARED_NEGATIVE_PROMPT}"
"""of Wan 2.1 I2V, FLF2V and Wan-Move: a shaking camera first"""

FLF2V_NEGATIVE_PROMPT = f"镜头切换，{I2V_NEGATIVE_PROMPT}"
"""of Wan 2.1 FLF2V: a cut to another shot before that (``wan/configs/__init__.py``)"""
