"""A phone, and what does not fit it."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

WIDTH, HEIGHT = 390, 844
PHONE: dict[str, Any] = {
    "viewport": {"width": WIDTH, "height": HEIGHT},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
"""What makes a tab a phone's, in CSS pixels."""

# What scrolls within itself, a log for instance, may be as wide as it likes.
_TOO_WIDE = """() => {
    const scrolls = (element) => element && (/(auto|scroll|hidden|clip)/.test(getComputedStyle(element).overflowX)
        || scrolls(element.parentElement));
    const hidden = (element) => element.matches(".unseen") || getComputedStyle(element).visibility === "hidden";
    const found = [...document.body.querySelectorAll("*")].filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        const over = width > 0 && (right > innerWidth + 1 || left < -1);
        return over && !hidden(element) && !scrolls(element.parentElement);
    });
    const whole = document.documentElement.scrollWidth;
    return [
        ...(whole > innerWidth ? [`the page is ${whole} wide`] : []),
        ...found.map((element) => `${element.tagName} ${element.className}: ${element.textContent.slice(0, 60)}`),
    ];
}"""


async def too_wide(page: Page) -> list[str]:
    """What reaches over the sides of the screen; what is scrolled within itself does not count."""
    found: list[str] = await page.evaluate(_TOO_WIDE)
    return found
