"""Settings, from the environment (and a `.env` file in the working folder); secrets are SecretStr.

Names of the service keep the service's own variables (`NEMO_TOKEN`); ours begin with `NIGHTREEL_`.
"""

import re
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from nightreel.clock import is_zone, local_zone
from nightreel.errors import SettingsError
from nightreel.models import Engine, Request, Tariff

CLOUD_URL = "https://mega-api-prod.nemovideo.ai"

_HERE = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?/?")
"""Addresses of this machine, and of nobody else whoever reads them."""


def _env(*names: str) -> AliasChoices:
    return AliasChoices(*names)


def _zone(name: str) -> str:
    if name and not is_zone(name):
        raise ValueError(f'there is no time zone "{name}"; write one such as Europe/Berlin')
    return name


class Settings(BaseSettings):
    """Everything that can be set.

    Attributes:
        home: where journal, ledger, token, caches and the studio's data live.
        database_url: journal and ledger; empty means SQLite in *home*.
        engine: `local` (the studio) or `cloud`.
        api_url: base URL of the service; empty means the engine's own (the studio started by us, or the cloud).
        web_url: where the service's browser links lead.
        token: the account's own token; without it an anonymous one is fetched and kept.
        client_id: overrides the kept client id.
        skill_source: overrides the platform found from the install path.
        skill_version: the version this client declares.
        account: a name for the account at the cloud that *token* belongs to: clips and credits are kept by it, so
            that a renewed token buys nothing twice.
        clips_at_once: clips in flight.
        renders_at_once: renders the studio works on at once; 0 means one a core.
        budget_per_day: credits that may be spent in one day (UTC) on one account; 0 means no limit.
        budget: credits that may ever be spent on one account; 0 takes the limit away, None leaves the last one.
        tariff: what the account's prompts and exports cost, as JSON: `{"first_cut": 120, "edit": 60, "export": 0}`.
        bucket_endpoint: where buckets are served; empty means at their provider.
        aws_endpoint: the same for `s3://` alone, by Amazon's own variables.
        bucket_region: of an `s3://` bucket.
        bucket_key, bucket_secret: access key and secret (s3), account and key (az), or the service account's JSON as
            the secret (gs); empty means from the provider's own variables, files and roles.
        settle: seconds that a file's size and time must have stood still, before `watch` takes it for whole.
        scan_every: seconds after which `watch` looks through its source even if nothing moved there.
        outbox: where files for whoever posts are laid out, a folder a day and platform; empty means `outbox` in the
            output folder.
        webhook: an https address that is told of each finished video, signed with *webhook_secret*.
        webhook_private: whether it may be an address of one's own network.
        base_url: where the output folder is served: then a run writes supplemental feeds of its videos' addresses.
        review_first: outbox and webhook get approved videos only (`nightreel review apply`).
        config_home: where `nemovideo/client_id` is kept.
        fan_out: where a night's shards are made: `here`, in the flow's own process, or by all `workers` of the pool.
        videos_url: where *videos_folder* can be seen in a browser: what links in Prefect's UI begin with.
        videos_folder: what can be seen there.
        notify_url: a webhook that is told of failures, low credits and clips that need a person; kept as a block.
        credits_low: with fewer available, somebody is told.
        timezone: in which the deployments' times of day are meant; empty means this machine's.
        rehearse: try everything for nothing: a studio that takes the service's time and makes placeholders, with an
            account and a place in *home* of its own.
        rate: seconds of a rehearsal in one of ours; None means as its studio goes, or 60.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        env_prefix="NIGHTREEL_",  # a field's own name is read, too: without a prefix, `home` would be HOME
        extra="ignore",
        populate_by_name=True,
        frozen=True,
    )

    home: Annotated[Path, Field(validation_alias=_env("NIGHTREEL_HOME"))] = Path("~/.local/share/nightreel")
    config_home: Annotated[Path, Field(validation_alias=_env("XDG_CONFIG_HOME"))] = Path("~/.config")
    database_url: Annotated[SecretStr, Field(validation_alias=_env("NIGHTREEL_DATABASE_URL"))] = SecretStr("")
    engine: Annotated[Engine, Field(validation_alias=_env("NIGHTREEL_ENGINE"))] = Engine.LOCAL
    api_url: Annotated[str, Field(validation_alias=_env("NEMO_API_URL"))] = ""
    web_url: Annotated[str, Field(validation_alias=_env("NEMO_WEB_URL"))] = "https://nemovideo.com"
    token: Annotated[SecretStr, Field(validation_alias=_env("NEMO_TOKEN"))] = SecretStr("")
    client_id: Annotated[str, Field(validation_alias=_env("NEMO_CLIENT_ID"))] = ""
    skill_source: Annotated[str, Field(validation_alias=_env("SKILL_SOURCE"))] = ""
    skill_version: Annotated[str, Field(validation_alias=_env("NEMO_SKILL_VERSION"))] = "1.0.0"
    account: Annotated[str, Field(validation_alias=_env("NIGHTREEL_ACCOUNT"))] = ""
    clips_at_once: Annotated[int, Field(ge=1, le=64, validation_alias=_env("NIGHTREEL_CLIPS_AT_ONCE"))] = 4
    renders_at_once: Annotated[int, Field(ge=0, le=64, validation_alias=_env("NIGHTREEL_RENDERS_AT_ONCE"))] = 0
    tariff: Annotated[Tariff, Field(validation_alias=_env("NIGHTREEL_TARIFF"))] = Tariff()
    budget_per_day: Annotated[int, Field(ge=0, validation_alias=_env("NIGHTREEL_BUDGET_PER_DAY"))] = 0
    budget: Annotated[int | None, Field(ge=0, validation_alias=_env("NIGHTREEL_BUDGET"))] = None

    bucket_endpoint: Annotated[str, Field(validation_alias=_env("NIGHTREEL_BUCKET_ENDPOINT"))] = ""
    aws_endpoint: Annotated[str, Field(validation_alias=_env("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"))] = ""
    bucket_region: Annotated[str, Field(validation_alias=_env("NIGHTREEL_BUCKET_REGION"))] = ""
    bucket_key: Annotated[SecretStr, Field(validation_alias=_env("NIGHTREEL_BUCKET_KEY"))] = SecretStr("")
    bucket_secret: Annotated[SecretStr, Field(validation_alias=_env("NIGHTREEL_BUCKET_SECRET"))] = SecretStr("")
    settle: Annotated[float, Field(gt=0, le=3600, validation_alias=_env("NIGHTREEL_SETTLE"))] = 2.0
    scan_every: Annotated[float, Field(ge=0.1, le=86400, validation_alias=_env("NIGHTREEL_SCAN_EVERY"))] = 60.0

    fan_out: Annotated[Literal["here", "workers"], Field(validation_alias=_env("NIGHTREEL_FAN_OUT"))] = "here"
    videos_url: Annotated[str, Field(validation_alias=_env("NIGHTREEL_VIDEOS_URL"))] = ""
    videos_folder: Annotated[Path, Field(validation_alias=_env("NIGHTREEL_VIDEOS_FOLDER"))] = Path("out")
    notify_url: Annotated[SecretStr, Field(validation_alias=_env("NIGHTREEL_NOTIFY_URL"))] = SecretStr("")
    credits_low: Annotated[int, Field(ge=0, validation_alias=_env("NIGHTREEL_CREDITS_LOW"))] = 500

    timezone: Annotated[str, AfterValidator(_zone), Field(validation_alias=_env("NIGHTREEL_TIMEZONE"))] = ""

    outbox: Annotated[str, Field(validation_alias=_env("NIGHTREEL_OUTBOX"))] = ""
    webhook: Annotated[SecretStr, Field(validation_alias=_env("NIGHTREEL_WEBHOOK"))] = SecretStr("")
    webhook_secret: Annotated[SecretStr, Field(validation_alias=_env("NIGHTREEL_WEBHOOK_SECRET"))] = SecretStr("")
    webhook_private: Annotated[bool, Field(validation_alias=_env("NIGHTREEL_WEBHOOK_PRIVATE"))] = False
    base_url: Annotated[str, Field(validation_alias=_env("NIGHTREEL_BASE_URL"))] = ""
    review_first: Annotated[bool, Field(validation_alias=_env("NIGHTREEL_REVIEW_FIRST"))] = False

    rehearse: Annotated[bool, Field(validation_alias=_env("NIGHTREEL_REHEARSE"))] = False
    rate: Annotated[float | None, Field(gt=0, le=3600, validation_alias=_env("NIGHTREEL_RATE"))] = None

    @cached_property
    def shared_dir(self) -> Path:
        """*home*, absolute: what is true for real runs and rehearsals alike."""
        return self.home.expanduser().absolute()

    @cached_property
    def home_dir(self) -> Path:
        """Where state is kept: *home*; a rehearsal's is apart."""
        return self.rehearsal_dir if self.rehearse else self.shared_dir

    @property
    def zone(self) -> str:
        """In which time zone schedules are meant."""
        return self.timezone or local_zone()

    @property
    def out(self) -> Path:
        """Where videos go if nobody says otherwise."""
        return Path("rehearsal" if self.rehearse else "out")

    @property
    def rehearsal_dir(self) -> Path:
        """Where rehearsals keep journal, token, masters and studio."""
        return self.shared_dir / "rehearsal"

    @property
    def database(self) -> str:
        """SQLAlchemy URL of journal and ledger."""
        given = self.database_url.get_secret_value()
        return given or f"sqlite+aiosqlite:///{quote(str(self.home_dir / 'nightreel.db'))}"

    @property
    def photo_cache(self) -> Path:
        """Where normalised photos are kept, by content hash."""
        return self.shared_dir / "photos"

    @property
    def bucket_cache(self) -> Path:
        """Where local copies of buckets' objects are kept."""
        return self.shared_dir / "buckets"

    @property
    def put_memory(self) -> Path:
        """The memory of what was put into buckets; without it, everything is put again."""
        return self.shared_dir / "put.db"

    @property
    def masters(self) -> Path:
        """Where finished videos are kept, so that a deleted one need not be made again."""
        return self.home_dir / "masters"

    @property
    def fonts(self) -> Path:
        """Where the user's own fonts are looked for, which a brief names."""
        return self.shared_dir / "fonts"

    @property
    def staging(self) -> Path:
        """Where a worker's results stand until they are in the bucket that they travel by."""
        return self.home_dir / "staging"

    @property
    def studio_data(self) -> Path:
        """The local studio's data folder."""
        return self.home_dir / "studio"

    @property
    def client_id_file(self) -> Path:
        """Where the client id is kept; the file holds the UUID and nothing else."""
        return self.config_home.expanduser().absolute() / "nemovideo" / "client_id"

    @property
    def account_name(self) -> str:
        """The account within the engine: what clips, budgets and ledger entries are kept by."""
        if self.rehearse:
            return f"rehearsal-{self.account}" if self.account else "rehearsal"
        if self.engine is Engine.LOCAL:
            return self.account or "studio"
        return self.account or ("own" if self.token.get_secret_value() else "anonymous")


def make_home(settings: Settings) -> Path:
    """Make the home folder, readable by its owner alone, if it is not there; return it.

    Raises:
        SettingsError: it cannot be made or written to.
    """
    home = settings.home_dir
    try:
        for folder in (settings.shared_dir, home):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise SettingsError(
            f"{home} cannot be used to keep anything ({error.strerror}).",
            hint="Set NIGHTREEL_HOME to a folder that can be written to.",
        ) from None
    return home


def load_settings(**overrides: object) -> Settings:
    """Read the settings; *overrides* (None means not given) win over the environment.

    Raises:
        SettingsError: a value is not valid; names the variable and what it takes.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # pyright: ignore[reportArgumentType] - checked by pydantic
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{name}: {first['msg']}.", hint="Mend or unset this setting.") from None
    if settings.rehearse:
        return _rehearsing(settings, asked=given.get("engine"))
    if settings.rate is not None:
        raise SettingsError(
            "Time runs at another rate in a rehearsal only.", hint="Add --rehearse, or unset the rate."
        )
    return settings


def settings_of(request: Request) -> Settings:
    """Read the settings as *request* wants them.

    Raises:
        SettingsError: a value is not valid.
    """
    return load_settings(engine=request.engine, rehearse=request.rehearse or None, rate=request.rate)


def _rehearsing(settings: Settings, asked: object) -> Settings:
    """Return *settings* as a rehearsal takes them: whatever they say of the cloud, nothing is sent there.

    Raises:
        SettingsError: the cloud was *asked* for.
    """
    if asked is Engine.CLOUD:
        raise SettingsError(
            "The cloud does not rehearse: the studio on this machine does.", hint="Leave --engine out."
        )
    service = {} if _HERE.fullmatch(settings.api_url) else {"api_url": "", "token": SecretStr("")}
    return settings.model_copy(update={"engine": Engine.LOCAL, **service})
