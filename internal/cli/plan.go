package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/arn"
	"stormbus/internal/board"
	"stormbus/internal/cli/aws"
	"stormbus/internal/cli/deploy"
	"stormbus/internal/plan"
)

func newPlan(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan [DIR|FILE]",
		Short: "Say what the board needs to run: functions, rules, queues, tables, routes",
		Long: "Derive from the board, " + boardFile + " of the current directory if none is named, what it needs to\n" +
			"run, in AWS's terms, and what it does not say yet. With --diff, say instead how that differs\n" +
			"from what a running server has. Exits with 1 if the board cannot be planned as it is.",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	output := addOutputFlag(cmd, "text", "json")
	target := addTargetFlags(cmd, env, "look at with --diff")
	diff := cmd.Flags().Bool("diff", false, "compare with the server, and change nothing; code is not looked at")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		p, err := readPlan(env, args)
		if err != nil {
			return err
		}
		if *diff {
			d, err := target(cmd.Context())
			if err != nil {
				return err
			}
			return printDifference(cmd.Context(), env, d, p, form)
		}
		if form == "json" {
			return printJSON(env.Stdout, p)
		}
		return p.WriteText(env.Stdout)
	}
	return cmd
}

// addTargetFlags gives cmd the flags that say which server, and which region and
// account there, it is to do something to. The returned function gives what deploys
// there.
func addTargetFlags(cmd *cobra.Command, env Env, do string) func(context.Context) (*deploy.Deployer, error) {
	endpoint := addEndpointFlag(cmd, env)
	region := cmd.Flags().String("region", env.region(), "region to "+do)
	account := addAccountFlag(cmd, env, "account to "+do)
	return func(ctx context.Context) (*deploy.Deployer, error) {
		s, err := endpoint()
		if err != nil {
			return nil, err
		}
		of, err := account(ctx, s)
		if err != nil {
			return nil, err
		}
		return s.deployer(*region, of), nil
	}
}

// addAccountFlag adds the flag --account. Without it the account is the one of the
// credentials in the environment: the access key id itself, if it is an account, as
// it may be for a server that verifies nothing; else the server says whose it is.
func addAccountFlag(cmd *cobra.Command, env Env, help string) func(context.Context, *server) (string, error) {
	flag := cmd.Flags().String("account", "", help+" (default that of the credentials in the environment)")
	return func(ctx context.Context, s *server) (string, error) {
		id := env.lookup("AWS_ACCESS_KEY_ID")
		switch {
		case *flag != "":
			return *flag, nil
		case id == "":
			return "000000000000", nil
		case len(id) == 12 && strings.Trim(id, "0123456789") == "":
			return id, nil
		}
		account, err := s.deployer(env.region(), "").Client.Identity(ctx)
		if err != nil {
			return "", fmt.Errorf("ask %s whose %s is: %w; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that the server knows, or name the --account", s.url, id, err)
		}
		return account, nil
	}
}

// region is the region of the environment variables that AWS's SDKs read.
func (e Env) region() string {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region := e.lookup(name); region != "" {
			return region
		}
	}
	return "us-east-1"
}

// readPlan plans the board that a command line names: a file, or the board of a
// folder. What is wrong is told, one problem a line.
func readPlan(env Env, args []string) (*plan.Plan, error) {
	name := boardsOf(args)[0]
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, boardFile)
	}
	_, f, err := readBoard(env, name)
	if err != nil {
		return nil, err
	}
	return planBoard(env, name, f)
}

// planBoard plans a board. What is wrong is told, one problem a line.
func planBoard(env Env, name string, f *board.File) (*plan.Plan, error) {
	p, err := plan.Of(f.Board(), filesBeside(name))
	return p, tellProblems(env, name, f, err)
}

// tellProblems tells why a board cannot be planned or generated from, one problem
// a line. Other errors are returned as they are.
func tellProblems(env Env, name string, f *board.File, err error) error {
	problems, ok := errors.AsType[plan.Problems](err)
	if !ok {
		return err
	}
	for _, problem := range problems {
		fmt.Fprintf(env.Stderr, "%s:%d: %s\n", name, lineOf(f.Line, problem.Items), problem)
	}
	return &codedError{code: exitFailure}
}

// filesBeside reads files that a board names, from below its folder.
func filesBeside(name string) func(path string) ([]byte, error) {
	dir := filepath.Dir(name)
	if name == standardInput {
		dir = "."
	}
	return func(path string) ([]byte, error) {
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		file, err := root.Open(filepath.FromSlash(path))
		if err != nil {
			return nil, err
		}
		defer file.Close()
		text, err := io.ReadAll(io.LimitReader(file, maxDocument+1))
		if err == nil && len(text) > maxDocument {
			err = fmt.Errorf("%s: more than %d MB", path, maxDocument>>20)
		}
		return text, err
	}
}

// lineOf is the line of the first of some items that are paths on a board.
func lineOf(line func(section, item string) int, items []string) int {
	section, item, _ := strings.Cut(items[0], ".")
	item, _, _ = strings.Cut(item, ": ")
	return max(1, line(section, item))
}

// deployer deploys to a server.
func (s *server) deployer(region, account string) *deploy.Deployer {
	return &deploy.Deployer{
		Client: &aws.Client{Endpoint: s.url, Region: region, Account: account, Credentials: s.credentials, HTTP: s.http},
		Scope:  arn.Scope{Region: region, Account: account},
	}
}

// printDifference prints what would have to be done to make a server run a plan.
func printDifference(ctx context.Context, env Env, d *deploy.Deployer, p *plan.Plan, form string) error {
	changes, err := d.Plan(ctx, p)
	if err != nil {
		return err
	}
	if form == "json" {
		return printJSON(env.Stdout, changes)
	}
	return deploy.WriteText(env.Stdout, changes)
}
