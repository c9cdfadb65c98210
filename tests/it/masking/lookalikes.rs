//! What looks like a credential and is none.

use super::made::Made;

/// Lines with something made by chance in them that may be seen.
const MADE: &[(&str, &str)] = &[
    ("id: VALUE", "{u36}"),
    ("\"orderId\": \"VALUE\",", "{u36}"),
    ("const requestId = 'VALUE';", "{u36}"),
    ("GET /orders/VALUE/items", "{u36}"),
    ("uuid.UUID(\"VALUE\")", "{u36}"),
    ("INSERT INTO t VALUES ('VALUE', 1);", "{u36}"),
    ("<ProjectGuid>{VALUE}</ProjectGuid>", "{u36}"),
    ("correlation VALUE done", "{u36}"),
    ("commit VALUE", "{h40}"),
    ("Merge: see commit VALUE", "{h40}"),
    ("index VALUE..0000000 100644", "{h7}"),
    ("uses: actions/checkout@VALUE # v4", "{h40}"),
    ("rev = \"VALUE\"", "{h40}"),
    ("ref: https://github.com/org/repo/commit/VALUE", "{h40}"),
    ("https://github.com/org/repo/blob/VALUE/src/a.rs#L10", "{h40}"),
    ("image: registry.host.io/app@sha256:VALUE", "{h64}"),
    ("FROM node:22@sha256:VALUE", "{h64}"),
    ("sha256 = \"VALUE\"", "{h64}"),
    ("checksum = \"VALUE\"", "{h64}"),
    ("\"md5\": \"VALUE\",", "{h32}"),
    ("etag: \"VALUE\"", "{h32}"),
    ("assert digest == \"VALUE\"", "{h64}"),
    ("VALUE  dist/app.tar.gz", "{h64}"),
    ("--hash=sha256:VALUE \\", "{h64}"),
    ("resolved \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#VALUE\"", "{h40}"),
    ("integrity sha512-VALUE==", "{b86}"),
    ("\"integrity\": \"sha512-VALUE==\",", "{b86}"),
    ("<script integrity=\"sha384-VALUE\" src=\"a.js\">", "{b64}"),
    ("github.com/a/b v1.2.3 h1:VALUE=", "{b43}"),
    ("fingerprint: VALUE", "{h40}"),
    ("  \"features/auth/api.yaml\": \"VALUE\",", "{h64}"),
    ("README.md: VALUE", "{h40}"),
    ("src=\"data:image/png;base64,iVBORw0KGgoVALUE\"", "{b200}"),
    ("background: url(data:font/woff2;base64,d09GMgABVALUE)", "{b200}"),
    ("ssh-rsa AAAAB3NzaC1yc2EVALUE me@host", "{b200}"),
    ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5VALUE me@host", "{b40}"),
    ("publicKey: \"VALUE=\"", "{b43}"),
    ("public_key = '04VALUE'", "{h64}"),
    ("version: 1.2.3-rc.4+build.VALUE", "{d8}"),
    ("color: #VALUE;", "{h6}"),
    ("timestamp: VALUE", "{d13}"),
    ("\"phone\": \"+49VALUE\"", "{d10}"),
    ("port: VALUE", "{d4}"),
    ("primary_key = \"VALUE\"", "{l12}"),
    ("traceparent: 00-VALUE", "{d6}"),
    ("https://www.youtube.com/watch?v=VALUE", "{w11}"),
    ("https://docs.google.com/document/d/VALUE/edit", "{w44}"),
    ("const MAX = 0xVALUE;", "{H8}"),
];

/// Lines that are as they are; NAME is a name of words.
const WORDS: &[&str] = &[
    "password: str",
    "required: [\"password\", \"address2\", \"line1\"]",
    "fields = (\"username\", \"password1\", \"password2\")",
    "token = os.environ[\"API_TOKEN\"]",
    "const token = process.env.API_TOKEN;",
    "password = \"${DB_PASSWORD}\"",
    "api_key: {{ secrets.API_KEY }}",
    "secret: ${{ secrets.DEPLOY_KEY }}",
    "password: changeme",
    "API_KEY=<your-api-key>",
    "token: xxxxxxxxxxxxxxxxxxxx",
    "\"password\": \"********\"",
    "export TOKEN=$TOKEN",
    "apiKey: 'YOUR_API_KEY'",
    "secret_key = \"replace-me-please-now\"",
    "PASSWORD=%PASSWORD%",
    "Authorization: Bearer <token>",
    "Authorization: Bearer ${token}",
    "headers[\"Authorization\"] = f\"Bearer {token}\"",
    "curl -u \"$USER:$PASSWORD\" https://host.io",
    "postgres://${USER}:${PASSWORD}@db/app",
    "password = getpass.getpass()",
    "token = NAME(request)",
    "let token = self.NAME();",
    "password=self.NAME",
    "const NAME = (password) => hash(password);",
    "def NAME(token: str, secret: str) -> bool:",
    "if (password !== confirmPassword) { return NAME; }",
    "throw new Error(\"password is too short\");",
    "\"password\": \"Passwort\",",
    "\"forgotPassword\": \"Mot de passe oublié ?\",",
    "\"token.expired\": \"Your token has expired, sign in again\",",
    "label: 'Enter your API key'",
    "placeholder=\"API token\"",
    "<input type=\"password\" name=\"password\">",
    "autocomplete=\"current-password\"",
    "key: 'NAME'",
    "cacheKey = \"NAME\"",
    "sort_key: \"NAME\"",
    "public static final String NAME = \"NAME\";",
    "import { NAME } from './NAME';",
    "from app.NAME import NAME",
    "class NAME(TokenObtainPairView):",
    "path: src/NAME/NAME.service.ts",
    "\"NAME\": \"NAME\",",
    "tokenUrl: https://auth.host.io/oauth/token",
    "secretName: NAME",
    "secretKeyRef:\n  name: app-secret\n  key: password",
    "passwordField = \"NAME\"",
    "token_type: bearer",
    "access_token_expire_minutes = 30",
    "JWT_ALGORITHM = \"HS256\"",
    "@app.get(\"/NAME/{token}\")",
    "rm -rf /var/lib/NAME/NAME",
    "const keyboard = new NAME(\"NAME\");",
    "SELECT password_hash FROM users WHERE id = $1;",
    "ALTER TABLE users ADD COLUMN password_hash text;",
    "permissions: [\"NAME:read\", \"NAME:write\"]",
    "PasswordResetTokenGenerator()",
    "test_NAME_returns_404_when_token_is_missing",
    "kubectl create secret generic NAME",
    "$this->token = $token;",
    "token := r.Header.Get(\"X-Token\")",
    "# TODO: rotate the token and the password",
];

/// All of them.
pub fn all(made: &mut Made) -> Vec<String> {
    let mut lines = Vec::new();
    for (line, form) in MADE {
        for _ in 0..7 {
            let value = made.of(form);
            lines.push(line.replace("VALUE", &value));
        }
    }
    for line in WORDS {
        for _ in 0..4 {
            let mut text = (*line).to_owned();
            while text.contains("NAME") {
                text = text.replacen("NAME", &made.name(), 1);
            }
            lines.push(text);
        }
    }
    for label in ["CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY", "PGP PUBLIC KEY BLOCK", "CERTIFICATE REQUEST"] {
        lines.push(made.key_block(label, 12));
        lines.push(made.key_block(label, 4).replace('\n', "\\n"));
    }
    lines
}
