package conformance

import (
	"path/filepath"
	"strings"
	"testing"

	"stormbus/test/harness"
	"stormbus/test/python"
)

// TestTLS runs the tests in tls/ against the HTTPS side of a server.
func TestTLS(t *testing.T) {
	interpreter := python.Prepared(t)
	data := t.TempDir()
	server := harness.Start(t, binary, data)
	for key, value := range map[string]string{
		"AWS_ENDPOINT_URL":  strings.Replace(server.URL, "http://127.0.0.1", "https://localhost", 1),
		"AWS_CA_BUNDLE":     filepath.Join(data, "tls", "ca.pem"),
		"AWS_ACCESS_KEY_ID": harness.Account, "AWS_SECRET_ACCESS_KEY": "stormbus", "AWS_DEFAULT_REGION": harness.Region,
	} {
		t.Setenv(key, value)
	}
	python.Unittest(t, interpreter, filepath.Join(harness.Root(), "test", "conformance", "tls"))
}
