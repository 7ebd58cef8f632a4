package console_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/console"
	"stormbus/internal/delivery"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/wire"
)

// post is letters that are delivered again; after them comes err, if there is one.
type post struct {
	letters []delivery.Redriven
	err     error
	asked   delivery.RedriveOptions
	then    func(context.Context) error
}

func (p *post) Redrive(ctx context.Context, queue arn.ARN, o delivery.RedriveOptions) iter.Seq2[delivery.Redriven, error] {
	return func(yield func(delivery.Redriven, error) bool) {
		p.asked = o
		if queue.Resource == "none" {
			yield(delivery.Redriven{}, sqs.ErrNoQueue)
			return
		}
		for _, l := range p.letters {
			if !yield(l, nil) {
				return
			}
		}
		if p.then != nil {
			p.err = p.then(ctx)
		}
		if p.err != nil {
			yield(delivery.Redriven{}, p.err)
		}
	}
}

func TestRedrive(t *testing.T) {
	t.Parallel()
	const queue = `"queue":"arn:aws:sqs:eu-west-1:123456789012:dead"`
	const first = `{"letter":{"messageId":"m1","sent":"0001-01-01T00:00:00Z","delivery":"d1"}}` + "\n"
	one := []delivery.Redriven{{MessageID: "m1", Delivery: "d1"}}
	for name, tt := range map[string]struct {
		body, want string
		post       post
		method     string
		status     int
		asked      delivery.RedriveOptions
		logged     bool
		caller     string // account, if it is verified
	}{
		"one":              {body: "{" + queue + `,"limit":3,"dryRun":true}`, post: post{letters: one}, status: 200, want: first + `{"end":true}` + "\n", asked: delivery.RedriveOptions{Limit: 3, DryRun: true}},
		"none":             {body: "{" + queue + "}", status: 200, want: `{"end":true}` + "\n"},
		"no queue":         {body: `{"queue":"arn:aws:sqs:eu-west-1:123456789012:none"}`, status: 404, want: "there is no queue arn:aws:sqs:eu-west-1:123456789012:none"},
		"fails at once":    {body: "{" + queue + "}", post: post{err: errBroken}, status: 500, want: "the server's log says why", logged: true},
		"fails later":      {body: "{" + queue + "}", post: post{letters: one, err: errBroken}, status: 200, want: first + `{"end":true,"error":"the dead letters could not be delivered again; the server's log says why"}`, logged: true},
		"queue is deleted": {body: "{" + queue + "}", post: post{letters: one, err: sqs.ErrNoQueue}, status: 200, want: first + `{"end":true,"error":"the queue was deleted"}`},
		"of the account":   {body: "{" + queue + "}", caller: "123456789012", status: 200, want: `{"end":true}`},
		"of another one":   {body: "{" + queue + "}", caller: "000000000000", status: 403, want: "belongs to another account than the key, which is 000000000000's"},
		"no ARN":           {body: `{"queue":"dead"}`, status: 400, want: "queue dead is not the ARN of a queue"},
		"no JSON":          {body: `{`, status: 400, want: "a limit of 0 is none"},
		"bad limit":        {body: "{" + queue + `,"limit":-1}`, status: 400, want: "a limit of 0 is none"},
		"too long":         {body: `{"queue":"` + strings.Repeat("x", 1<<20) + `"}`, status: 400, want: "a limit of 0 is none"},
		"not asked for":    {method: http.MethodGet, status: 404, want: "there is nothing at"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := &strings.Builder{}
			h := console.New(console.Config{Letters: &tt.post, Logger: slog.New(slog.NewTextHandler(said, nil)), Done: t.Context().Done(), OwnAccount: tt.caller != ""})
			if tt.method == "" {
				tt.method = http.MethodPost
			}
			w := httptest.NewRecorder()
			r := httptest.NewRequest(tt.method, console.Prefix+"api/queues/redrive", strings.NewReader(tt.body))
			h.ServeHTTP(w, r.WithContext(wire.NewContext(r.Context(), wire.Request{Scope: arn.Scope{Account: tt.caller}})))
			if got := strings.ReplaceAll(w.Body.String(), `\u0026`, "&"); w.Code != tt.status || !strings.Contains(got, tt.want) {
				t.Errorf("HTTP %d %s\nwant %d with %s", w.Code, got, tt.status, tt.want)
			}
			if diff := cmp.Diff(tt.asked, tt.post.asked); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
			if logged := strings.Contains(said.String(), errBroken.Error()); logged != tt.logged {
				t.Errorf("the log says %q", said)
			}
		})
	}
}

// TestRedriveWhileTheServerStops must not hold that up, and says that it is not all.
func TestRedriveWhileTheServerStops(t *testing.T) {
	t.Parallel()
	done, stop := context.WithCancel(context.Background())
	p := &post{letters: []delivery.Redriven{{MessageID: "m1"}}, then: func(ctx context.Context) error {
		stop()
		<-ctx.Done()
		return errors.New("the disk is gone")
	}}
	h := console.New(console.Config{Letters: p, Logger: slog.New(slog.DiscardHandler), Done: done.Done()})
	w := httptest.NewRecorder()
	body := strings.NewReader(`{"queue":"arn:aws:sqs:eu-west-1:123456789012:dead"}`)
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, console.Prefix+"api/queues/redrive", body))
	got, err := io.ReadAll(w.Body)
	if err != nil || !strings.HasSuffix(string(got), `{"end":true,"error":"the server stops; redrive again when it runs"}`+"\n") {
		t.Errorf("%v: %s", err, got)
	}
}
