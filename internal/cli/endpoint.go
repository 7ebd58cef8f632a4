package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/clock"
	"stormbus/internal/sigv4"
	"stormbus/internal/telemetry"
)

// defaultEndpoint is where a server listens unless it was told otherwise.
const defaultEndpoint = "http://127.0.0.1:4566"

// maxAnswer bounds what is read of one answer of the server, in bytes.
const maxAnswer = 64 << 20

// server is a running stormbus that a verb talks to.
type server struct {
	url string
	// credentials sign what is asked, for a server that verifies signatures.
	// There are none if the access key id is empty.
	credentials sigv4.Credentials
	http        *http.Client // nil means http.DefaultClient
}

// addEndpointFlag gives cmd the flag --endpoint-url and returns a function that
// finds the server: by the flag, STORMBUS_ENDPOINT, AWS_ENDPOINT_URL, or the
// default port on loopback, in this order.
func addEndpointFlag(cmd *cobra.Command, env Env) func() (*server, error) {
	flag := cmd.Flags().String("endpoint-url", "", "the server's address (default $STORMBUS_ENDPOINT, $AWS_ENDPOINT_URL or "+defaultEndpoint+")")
	return func() (*server, error) {
		for _, candidate := range []string{*flag, env.lookup("STORMBUS_ENDPOINT"), env.lookup("AWS_ENDPOINT_URL"), defaultEndpoint} {
			if candidate == "" {
				continue
			}
			u, err := url.Parse(candidate)
			if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
				return nil, withCode(exitUsage, "endpoint %q: want a URL such as %s", candidate, defaultEndpoint)
			}
			client, err := env.httpClient()
			if err != nil {
				return nil, err
			}
			return &server{url: strings.TrimRight(candidate, "/"), credentials: env.credentials(), http: client}, nil
		}
		return nil, errors.New("no endpoint")
	}
}

// credentials are those of the environment variables that AWS's SDKs read.
func (e Env) credentials() sigv4.Credentials {
	return sigv4.Credentials{
		AccessKeyID: e.lookup("AWS_ACCESS_KEY_ID"), Secret: telemetry.Redacted(e.lookup("AWS_SECRET_ACCESS_KEY")),
		SessionToken: telemetry.Redacted(e.lookup("AWS_SESSION_TOKEN")),
	}
}

// httpClient returns a client that trusts the authorities of AWS_CA_BUNDLE, as
// AWS's SDKs do, or nil if there is none.
func (e Env) httpClient() (*http.Client, error) {
	file := e.lookup("AWS_CA_BUNDLE")
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read AWS_CA_BUNDLE: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("AWS_CA_BUNDLE: %s holds no certificate", file)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	return &http.Client{Transport: transport}, nil
}

// lookup returns the value of an environment variable; the last one wins.
func (e Env) lookup(name string) string {
	value := ""
	for _, kv := range e.Environ {
		if rest, ok := strings.CutPrefix(kv, name+"="); ok {
			value = rest
		}
	}
	return value
}

// get fetches path and returns the answer's body, which the caller closes. An
// answer of 404 becomes an error with the exit code "not found".
func (s *server) get(ctx context.Context, path string) (io.ReadCloser, error) {
	return s.do(ctx, http.MethodGet, path, nil)
}

// post sends in to path as JSON. What is answered does not matter, unless it is
// an error.
func (s *server) post(ctx context.Context, path string, in any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("ask %s: %w", s.url, err)
	}
	answer, err := s.do(ctx, http.MethodPost, path, body)
	if err != nil {
		return err
	}
	return answer.Close()
}

func (s *server) do(ctx context.Context, method, path string, body []byte) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", s.url, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.credentials.AccessKeyID != "" {
		// The region is of no account for the server's own paths.
		sigv4.Sign(req, s.credentials, "us-east-1", "stormbus", sigv4.HashPayload(body), clock.Real().Now())
	}
	client := s.http
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no stormbus answers at %s (start one with `stormbus up`, or name it with --endpoint-url): %w", s.url, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", s.url, err)
	}
	var answer struct {
		Error   string `json:"error"`
		Message string `json:"message"` // of an error that AWS has as well
	}
	if resp.StatusCode == http.StatusForbidden && json.Unmarshal(said, &answer) == nil && answer.Message != "" {
		return nil, fmt.Errorf("%s refuses: %s (if it verifies signatures, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that it knows)",
			s.url, answer.Message)
	}
	if json.Unmarshal(said, &answer) != nil || answer.Error == "" {
		return nil, fmt.Errorf("%s does not answer as a stormbus server: HTTP %s", s.url, resp.Status)
	}
	if resp.StatusCode == http.StatusNotFound {
		return nil, withCode(exitNotFound, "%s", answer.Error)
	}
	return nil, errors.New(answer.Error)
}

// getJSON fetches path and decodes the answer into out.
func (s *server) getJSON(ctx context.Context, path string, out any) error {
	body, err := s.get(ctx, path)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", s.url, err)
	}
	return nil
}
