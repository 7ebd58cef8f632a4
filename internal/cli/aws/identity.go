package aws

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"stormbus/internal/sigv4"
)

// Identity asks whose the client's credentials are, and returns the account.
func (c *Client) Identity(ctx context.Context) (string, error) {
	const what, form = "GetCallerIdentity", "Action=GetCallerIdentity&Version=2011-06-15"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Endpoint+"/", strings.NewReader(form))
	if err != nil {
		return "", fmt.Errorf("call %s: %w", what, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	body, err := c.send(req, "sts", sigv4.HashPayload([]byte(form)), what)
	if err != nil {
		return "", err
	}
	var answer struct {
		Account string `xml:"GetCallerIdentityResult>Account"`
	}
	if err := xml.Unmarshal(body, &answer); err != nil {
		return "", fmt.Errorf("call %s: decode the answer: %w", what, err)
	}
	return answer.Account, nil
}

// fromXML takes code and message out of an answer of the query protocol, which
// the message is as a whole.
func (e *Error) fromXML() {
	var answer struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if xml.Unmarshal([]byte(e.Message), &answer) == nil && answer.Code != "" {
		e.Code, e.Message = answer.Code, answer.Message
	}
}
