package deploy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/plan"
)

// TestCodeIsKept deploys a function whose code cannot be made anew: the rest of
// it is brought up to date. One that is not there yet cannot keep anything.
func TestCodeIsKept(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := of(t, cinema(t))
	kept := p.Functions[0].Name
	code := s.Code
	s.Code = func(f plan.Function) ([]byte, error) {
		if f.Name == kept {
			return nil, deploy.ErrKeep
		}
		return code(f)
	}
	_, err := s.Apply(t.Context(), p)
	if !errors.Is(err, deploy.ErrKeep) || !strings.Contains(err.Error(), kept) {
		t.Fatalf("Apply = %v, want %v for %s", err, deploy.ErrKeep, kept)
	}
	keep := s.Code
	s.Code = code
	if _, err := s.Apply(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	s.Code = keep
	s.writes()
	if done, err := s.Apply(t.Context(), p); err != nil || list(done) != "" || len(s.writes()) > 0 {
		t.Errorf("Apply again = %v:\n%s", err, list(done))
	}
	p.Functions[0].Timeout += time.Second
	done, err := s.Apply(t.Context(), p)
	if err != nil || list(done) != "update function "+kept+": timeout\n" {
		t.Errorf("Apply with another timeout = %v:\n%s", err, list(done))
	}
}
