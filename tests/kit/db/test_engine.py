import pytest

from services.kit.db.engine import async_url


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("postgresql://u:p@h:1/d", "postgresql+asyncpg://u:p@h:1/d", id="as people write it"),
        pytest.param("postgres://u@h/d", "postgresql+asyncpg://u@h/d", id="the short scheme"),
        pytest.param("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d", id="with the driver already"),
        pytest.param("postgresql://h/d?sslmode=require", "postgresql+asyncpg://h/d?ssl=require", id="libpq's TLS name"),
        pytest.param("postgresql:///d?host=/run", "postgresql+asyncpg:///d?host=%2Frun", id="a unix socket"),
        pytest.param("postgresql://u:a%40b@h/d", "postgresql+asyncpg://u:a%40b@h/d", id="a password with an @"),
    ],
)
def test_a_url_as_people_write_it_leads_to_asyncpg(written: str, meant: str) -> None:
    assert async_url(written).render_as_string(hide_password=False) == meant
