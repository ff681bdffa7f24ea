"""No cookies: what a server tells one request is not repeated in the next one."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy


def no_cookies() -> CookieJar:
    """A place for the cookies of a client of httpx that keeps none, from no server."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))
