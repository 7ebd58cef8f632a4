package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"stormbus/internal/app"
	"stormbus/internal/cli/project"
)

// readyLine says how to use a server that has just become ready.
type readyLine struct {
	line
	Version     string            `json:"version"`
	URL         string            `json:"url"`
	HTTPS       string            `json:"https"` // the same port
	CAFile      string            `json:"caFile"`
	Data        string            `json:"data"`
	Durability  string            `json:"durability"`
	Services    []string          `json:"services"`
	Environment map[string]string `json:"environment"`        // for AWS SDKs
	KeysFile    string            `json:"keysFile,omitempty"` // if signatures are verified: the key is one of it
	Board       string            `json:"board,omitempty"`    // that is applied next, if there is one
	MS          int64             `json:"ms"`

	names []string // of Environment, in the order in which people read them
}

// newReady returns how to use a server. p is its project, or nil.
func newReady(a *app.App, cfg app.Config, p *project.Project, took time.Duration) readyLine {
	r := readyLine{
		line: newLine("ready"), Version: cfg.Version, URL: a.URL(), HTTPS: strings.Replace(a.URL(), "http://", "https://", 1), CAFile: a.CAFile(),
		Data: cfg.DataDir, Durability: cfg.Durability, Services: a.Services(), Environment: map[string]string{}, KeysFile: cfg.KeysFile,
		MS: took.Milliseconds(),
	}
	if p != nil {
		r.Board = filepath.Join(p.Dir(), boardFile)
	}
	for _, kv := range sdkEnvironment(a.URL(), cfg.Region, cfg.Account) {
		name, value, _ := strings.Cut(kv, "=")
		if cfg.KeysFile != "" && (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") {
			continue // a key of the file
		}
		r.Environment[name] = value
		r.names = append(r.names, name)
	}
	return r
}

// write tells it in words.
func (r readyLine) write(w io.Writer) {
	meaning := "an answer means: synced to disk"
	if r.Durability == "process" {
		meaning = "an answer survives kill -9, not a power cut"
	}
	fmt.Fprintf(w, "stormbus %s is ready at %s (%d ms)\n\n", r.Version, r.URL, r.MS)
	fmt.Fprintf(w, "  data       %s (durability %s: %s)\n", r.Data, r.Durability, meaning)
	fmt.Fprintf(w, "  services   %s\n\n", strings.Join(r.Services, " "))
	fmt.Fprintf(w, "For AWS SDKs, the AWS CLI and Terraform:\n\n")
	for _, name := range r.names {
		fmt.Fprintf(w, "  export %s=%s\n", name, r.Environment[name])
	}
	fmt.Fprintf(w, "\nThe same port speaks HTTPS, for whoever trusts its authority:\n\n")
	fmt.Fprintf(w, "  export AWS_ENDPOINT_URL=%s\n", r.HTTPS)
	fmt.Fprintf(w, "  export AWS_CA_BUNDLE=%s\n", r.CAFile)
	if r.KeysFile != "" {
		fmt.Fprintf(w, "\nSignatures are verified: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be those of a line of %s.\n", r.KeysFile)
	}
	fmt.Fprintln(w)
}

// sdkEnvironment returns the variables, KEY=value, that point AWS SDKs at url.
func sdkEnvironment(url, region, account string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + url,
		"AWS_ACCESS_KEY_ID=" + account,
		"AWS_SECRET_ACCESS_KEY=stormbus",
		"AWS_DEFAULT_REGION=" + region,
		"AWS_REGION=" + region,
	}
}

// reportLines prints what a project's rounds came to, a line of JSON each: of kind
// applied, or problem if anything is wrong.
func reportLines(env Env) func(project.Report) {
	return func(r project.Report) {
		kind := "applied"
		if !r.OK {
			kind = "problem"
		}
		err := printLine(env.Stdout, struct {
			line
			project.Report
		}{newLine(kind), r})
		if err != nil {
			fmt.Fprintf(env.Stderr, "stormbus: %v\n", err) // the server goes on
		}
	}
}
