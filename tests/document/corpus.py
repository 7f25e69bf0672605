"""What the credential grammar must mark, and what it must leave alone."""

from __future__ import annotations

import base64

# No scanner should take these for real ones: the telling beginning stands apart from the rest.
LONG = "Ab3" * 14
KEY = "-----BEGIN {}PRIVATE KEY-----\nMIIE"
ENCODED = [
    base64.b64encode(KEY.format(one).encode()).decode()
    for one in ("", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ")
]

VALUES = [
    ("private_key", KEY.format("")),
    ("private_key", KEY.format("RSA ")),
    ("private_key", KEY.format("OPENSSH ")),
    ("private_key", KEY.format("ENCRYPTED ")),
    ("private_key", "AGE-SECRET-KEY-1" + LONG),
    *(("private_key", encoded) for encoded in ENCODED),
    ("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + LONG),
    ("cloud_key", "AKIA" + "A1B2" * 4),
    ("cloud_key", "key=ASIA" + "A1B2" * 4),
    ("cloud_key", "AIza" + "x" * 35),
    ("cloud_key", "GOCSPX-" + LONG),
    ("cloud_key", "ya29." + LONG),
    ("cloud_key", f"AccountName=a;AccountKey={LONG};Suffix=b"),
    ("cloud_key", f"Endpoint=sb://a;SharedAccessKey={LONG}"),
    ("cloud_key", f"https://a.blob.example/c?sv=1&sig={LONG}"),
    ("vendor_token", "ghp_" + LONG),
    ("vendor_token", "github_pat_" + LONG),
    ("vendor_token", "glpat-" + LONG),
    ("vendor_token", "xoxb-1234567890-abc"),
    ("vendor_token", "xapp-1-ABCDEFGHIJ"),
    ("vendor_token", "sk_live_" + LONG),
    ("vendor_token", "rk_test_" + LONG),
    ("vendor_token", "whsec_" + LONG),
    ("vendor_token", "sk-ant-" + LONG),
    ("vendor_token", "npm_" + LONG),
    ("vendor_token", "hvs." + LONG),
    ("vendor_token", "hvb." + LONG),
    ("vendor_token", "dckr_pat_" + LONG),
    ("vendor_token", "pypi-" + LONG),
    ("vendor_token", "dop_v1_" + LONG),
    ("vendor_token", "glsa_" + LONG),
    ("vendor_token", "hf_" + LONG),
    ("vendor_token", "SG." + "a" * 22 + "." + "b" * 43),
    ("vendor_token", "shpat_" + LONG),
    ("vendor_token", "https://hooks.slack.com/services/T0/B0/xyz"),
    ("url_password", "postgres://app:hunter2@db:5432/shop"),
    ("url_password", "redis://:hunter2@cache"),
    ("url_password", "https://user:pa$$word@example.org"),
    ("url_password", "amqp+ssl://u:p@h"),
    ("url_password", "root:hunter2@tcp(db:3306)/shop"),
    ("authorization", "Authorization: Bearer abcdefgh"),
    ("authorization", "BASIC dXNlcjpwYXNz"),
    ("directive", "port 6379\nrequirepass hunter2\n"),
    ("directive", "masterauth hunter2"),
    ("directive", "machine example.org login me password hunter2"),
]
"""Credentials by themselves, with their class."""

NAMES = """
    PASSWORD DB_PASSWORD dbPassword PGPASSWORD MYSQL_ROOT_PASSWORD POSTGRES_PASSWORD_1 MYSQL_PWD REDIS_PASS
    requirepass passphrase PASSCODE API_KEY apiKey APIKEY x-api-key api.key ACCESS_KEY AWS_SECRET_ACCESS_KEY
    AWS_ACCESS_KEY_ID SECRET_KEY_BASE SECRETKEY client_secret clientSecret TOKEN GITHUB_TOKEN accessToken
    ACCESSTOKEN
    refresh-tokens SESSION_KEY SIGNING_KEY encryptionKey PRIVATE_KEY SSH_KEY MASTER_KEY
    credentials CREDENTIAL CREDS SENTRY_DSN CONNECTION_STRING connectionString REDIS_AUTH auth
    Authorization Cookie
    PASSWORD_SALT spring.datasource.password foo.example/api-token
""".split()
"""Of variables, flags and keys that hold credentials."""

TEXTS = [
    "DB_PASSWORD: hunter2",
    "a: 1\ndb:\n  password: hunter2\n",
    'a = 1\npassword = "hunter2"',
    '{"user": "me", "password": "hunter2"}',
    '{"password":"no way"}',
    '{\\"password\\":\\"hunter2\\"}',
    "password='hunter2'",
    "user=app password=hunter2 host=db",
    "Server=db;User Id=sa;Password=hunter2;",
    "export TOKEN=hunter2; run",
    "-Djavax.net.ssl.keyStorePassword=hunter2 -Xmx1g",
    "mysql --password=hunter2 -h db",
    "app --token hunter2 --verbose",
    "https://example.org/hook?token=hunter2",
    "https://example.org/hook?a=b&api_key=hunter2",
    "curl -H 'X-Api-Key: hunter2' https://example.org",
    "//registry.example/:_authToken=hunter2",
    "- name: DB_PASSWORD\n  value: hunter2",
    '[{"name":"DB_PASSWORD","value":"hunter2"}]',
    "<user>me</user><password>hunter2</password>",
    "password: |\n  hunter2",
    "password: ${PASSWORD:-hunter2}",
    '{"auths":{"registry.example":{"auth":"hunter2"}}}',
    "password => 'hunter2'",
    "password := hunter2",
]
"""Credentials inside a text."""

HARMLESS = [
    "",
    "true",
    "info",
    "8080",
    "web:1.2",
    "registry.example/team/web@sha256:" + "0" * 64,
    "web-7d4b9c",
    "https://example.org/path?page=2&sort=name",
    "postgres://db:5432/shop",
    "postgres://app@db/shop",
    "postgres://$(USER):$(PASSWORD)@db/shop",
    "postgres://app:${PASSWORD}@db/shop",
    "http://user@example.org",
    "-----BEGIN CERTIFICATE-----\nMIIE",
    base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode(),
    "--authorization-mode=Node,RBAC",
    "--anonymous-auth=false",
    "--tls-private-key-file=/pki/key.pem",
    "--token-auth-file=/tokens.csv",
    "--use-service-account-credentials=true",
    "--service-account-signing-key-file=/pki/sa.key",
    "--service-account-max-token-expiration=1h",
    "--authentication-token-webhook-cache-ttl=2m",
    "--encryption-provider-config=/enc.yaml",
    "--secret-type=kv",
    "password: ${PASSWORD}",
    "password: $(PASSWORD)",
    "password: <password>",
    "password:",
    "password:\n  from: vault",
    "password: {{ .Values.password }}",
    "token: null",
    "secretName: web-tls",
    "bearer_token_file: /var/run/token",
    'if [ "$TOKEN" = "" ]; then',
    "tokenizer: bert",
    "compass: north",
    "keyspace: shop",
    "monkey: george",
    "passive: 1",
    "author: jane",
    "authority: me",
    "secretary: jane",
    "basic auth",
    "bypass=1",
]

HARMLESS_NAMES = """
    PASSWORD_FILE password-path SECRET_NAME secretName TOKEN_URL tokenEndpoint TOKEN_TTL passwordPolicy
    PASSWORD_LENGTH SECRET_MOUNT TOKEN_EXPIRATION authorization-mode AUTHOR MONKEY KEYSPACE COMPASS PASSIVE
    TOKENIZER SECRETARY AUTHORITY HOST credentialsSecretRef
""".split()
