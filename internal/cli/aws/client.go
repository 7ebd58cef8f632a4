// Package aws is the small client with which stormbus's own commands talk to a
// running server: the public AWS APIs in JSON, nothing more. Users bring their
// own SDK.
package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"stormbus/internal/clock"
	"stormbus/internal/sigv4"
)

// maxAnswer bounds what is read of one answer, in bytes.
const maxAnswer = 16 << 20

// Client calls one server. It is safe for concurrent use.
type Client struct {
	Endpoint string // scheme://host:port, no trailing slash
	Region   string
	Account  string // 12 digits; the access key id if there are no Credentials
	// Credentials sign the calls. A server that verifies nothing needs none.
	Credentials sigv4.Credentials
	HTTP        *http.Client // nil means http.DefaultClient
}

// Error is an error that the server answered with.
type Error struct {
	Status  int
	Code    string
	Message string
}

// Error gives the code and the message as AWS's tools print them.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (HTTP %d)", e.Code, e.Message, e.Status)
}

// JSON calls an operation of a service that speaks awsJson, named as in
// "AWSEvents.PutEvents". It encodes in and decodes the answer into out, which
// may be nil. An answer of 400 or above becomes an [*Error].
func (c *Client) JSON(ctx context.Context, service, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("call %s: %w", target, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call %s: %w", target, err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	return c.do(req, service, sigv4.HashPayload(body), target, out)
}

// REST calls an operation of a service that speaks rest-json. A []byte is sent
// as it is, a nil in sends no body.
func (c *Client) REST(ctx context.Context, service, method, path string, in, out any) error {
	var body []byte
	switch v := in.(type) {
	case nil:
	case []byte:
		body = v
	default:
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("call %s %s: %w", method, path, err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call %s %s: %w", method, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	return c.do(req, service, sigv4.HashPayload(body), method+" "+path, out)
}

func (c *Client) do(req *http.Request, service, hash, what string, out any) error {
	body, err := c.send(req, service, hash, what)
	if err != nil || out == nil || len(body) == 0 {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("call %s: decode the answer: %w", what, err)
	}
	return nil
}

// send signs and sends a request, and returns the answer.
func (c *Client) send(req *http.Request, service, hash, what string) ([]byte, error) {
	credentials := c.Credentials
	if credentials.AccessKeyID == "" {
		// Without verification, a server takes the access key id for the account.
		credentials = sigv4.Credentials{AccessKeyID: c.Account, Secret: "stormbus"}
	}
	sigv4.Sign(req, credentials, c.Region, service, hash, clock.Real().Now())
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", what, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("call %s: read the answer: %w", what, err)
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("call %s: %w", what, answerError(resp, body))
	}
	return body, nil
}

// answerError reads the code and the message of an error in either protocol.
func answerError(resp *http.Response, body []byte) *Error {
	var v struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		Upper   string `json:"Message"`
	}
	e := &Error{Status: resp.StatusCode}
	if err := json.Unmarshal(body, &v); err != nil {
		e.Code, e.Message = resp.Status, strings.TrimSpace(string(body))
		e.fromXML()
		return e
	}
	e.Code, e.Message = v.Type, v.Message
	if e.Code == "" {
		e.Code = resp.Header.Get("X-Amzn-ErrorType")
	}
	if i := strings.LastIndexByte(e.Code, '#'); i >= 0 {
		e.Code = e.Code[i+1:]
	}
	if e.Message == "" {
		e.Message = v.Upper
	}
	return e
}
