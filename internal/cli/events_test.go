package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"stormbus/internal/app"
	"stormbus/internal/cli"
	"stormbus/internal/cli/aws"
)

// startApp starts a server in this process on a free port.
func startApp(t *testing.T) *app.App {
	t.Helper()
	a := app.New(app.Config{
		Host: "127.0.0.1", DataDir: t.TempDir(), Durability: "process", Region: "eu-west-1", Account: "123456789012",
		Version: cli.Version, Environ: os.Environ(), Logger: slog.New(slog.DiscardHandler),
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Errorf("stop the server: %v", err)
		}
	})
	return a
}

// TestEventsTail publishes once the tail says that it waits, and expects the
// event in both forms.
func TestEventsTail(t *testing.T) {
	t.Parallel()
	a := startApp(t)
	for form, want := range map[string]string{
		"text": `^\d\d:\d\d:\d\d\.\d{3}  default  SeatsHeld  cinema  [0-9a-f-]{36}  0 rules  \{"seats":\["F7"\]\}\n$`,
		"json": `^\{"bus":"default","matched":0,"accepted":"[^"]+","event":\{"version":"0","id":"[^"]+","detail-type":"SeatsHeld",.*\}\}\n$`,
	} {
		t.Run(form, func(t *testing.T) {
			var stdout bytes.Buffer
			stderr, w := io.Pipe()
			code := make(chan int)
			go func() {
				code <- cli.Run(t.Context(), cli.Env{
					Args:   []string{"events", "tail", "--count", "1", "--bus", "default", "--output", form, "--endpoint-url", a.URL()},
					Stdout: &stdout, Stderr: w,
				})
				w.Close()
			}()
			line, err := bufio.NewReader(stderr).ReadString('\n')
			if err != nil || !strings.Contains(line, "waiting for events on bus default at "+a.URL()) {
				t.Fatalf("the tail says %q, %v", line, err)
			}
			client := &aws.Client{Endpoint: a.URL(), Region: "eu-west-1", Account: "123456789012"}
			err = client.JSON(t.Context(), "events", "AWSEvents.PutEvents", map[string]any{"Entries": []map[string]string{
				{"Source": "cinema", "DetailType": "SeatsHeld", "Detail": `{"seats":["F7"]}`},
			}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := <-code; got != 0 {
				t.Errorf("exit code %d, want 0", got)
			}
			if !regexp.MustCompile(want).Match(stdout.Bytes()) {
				t.Errorf("the tail prints %q, want %s", stdout.String(), want)
			}
		})
	}
}
