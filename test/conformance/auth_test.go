package conformance

import (
	"os"
	"path/filepath"
	"testing"

	"stormbus/test/harness"
	"stormbus/test/python"
)

// keysFile is what TestAuth's server knows.
const keysFile = `# One key a line: id, secret, account, and the token of a session.
AKIACONFORMANCE  secret/of+the=tests   123456789012
ASIACONFORMANCE  secret/of+the/session 123456789012 token/of+the=session
`

// TestAuth runs the tests in auth/ against a server that verifies signatures.
func TestAuth(t *testing.T) {
	interpreter := python.Prepared(t)
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte(keysFile), 0o600); err != nil {
		t.Fatal(err)
	}
	server := harness.Start(t, binary, t.TempDir(), "--auth", "enforce", "--keys", keys)
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_DEFAULT_REGION": harness.Region, "ACCOUNT": harness.Account,
		"AWS_ACCESS_KEY_ID": "AKIACONFORMANCE", "AWS_SECRET_ACCESS_KEY": "secret/of+the=tests",
		"SESSION_KEY": "ASIACONFORMANCE", "SESSION_SECRET": "secret/of+the/session", "SESSION_TOKEN": "token/of+the=session",
	} {
		t.Setenv(key, value)
	}
	for _, key := range []string{"AWS_SESSION_TOKEN", "AWS_PROFILE"} {
		t.Setenv(key, "") // so that the test puts the person's own value back
		os.Unsetenv(key)
	}
	python.Unittest(t, interpreter, filepath.Join(harness.Root(), "test", "conformance", "auth"))
}
