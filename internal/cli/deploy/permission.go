package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"stormbus/internal/plan"
)

// ourStatements is how the ids of the statements begin that are made here.
// Others in a function's policy are left alone.
const ourStatements = "stormbus-rule-"

// permission lets one rule invoke a function.
type permission struct {
	id   string // of the statement
	rule string // ARN
}

// permissions are those that a function of the plan has. The id of a statement
// says all about it: another rule has another id.
func (s *session) permissions(f plan.Function) []permission {
	var all []permission
	for _, rule := range f.Invokers {
		arn := s.Scope.Rule(s.bus, rule).String()
		sum := sha256.Sum256([]byte(arn))
		id := ourStatements + strings.ReplaceAll(rule, ".", "_") + "-" + hex.EncodeToString(sum[:4])
		all = append(all, permission{id: id, rule: arn})
	}
	return all
}

// statement is one of a function's policy.
type statement struct {
	Sid, Effect string
	Principal   any
	Action      any
	Condition   map[string]map[string]any
}

// grants reports whether a statement says what a permission does.
func (st statement) grants(p permission) bool {
	principal, _ := st.Principal.(map[string]any)
	source := st.Condition["ArnLike"]["AWS:SourceArn"]
	return st.Effect == "Allow" && principal["Service"] == "events.amazonaws.com" && st.Action == "lambda:InvokeFunction" &&
		len(st.Condition) == 1 && source == p.rule
}

// policy reads the policy of a function.
func (s *session) policy(ctx context.Context, function string) ([]statement, error) {
	var out struct{ Policy string }
	err := s.lambda(ctx, http.MethodGet, functionsPath+function+"/policy", nil, &out)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var document struct{ Statement []statement }
	if err := json.Unmarshal([]byte(out.Policy), &document); err != nil {
		return nil, fmt.Errorf("read the policy of %s: %w", function, err)
	}
	return document.Statement, nil
}

// comparePermissions says which permissions have to be added, which of them have
// to be removed before because they are wrong, and which nothing wants.
func comparePermissions(have []statement, wanted []permission) (missing []permission, wrong, stale []string) {
	left := map[string]statement{}
	for _, st := range have {
		if strings.HasPrefix(st.Sid, ourStatements) {
			left[st.Sid] = st
		}
	}
	for _, p := range wanted {
		st, there := left[p.id]
		delete(left, p.id)
		switch {
		case !there:
			missing = append(missing, p)
		case !st.grants(p):
			missing, wrong = append(missing, p), append(wrong, p.id)
		}
	}
	for _, st := range have {
		if _, ours := left[st.Sid]; ours {
			stale = append(stale, st.Sid)
		}
	}
	return missing, wrong, stale
}

func (s *session) addPermissions(ctx context.Context, function string, all []permission) error {
	for _, p := range all {
		err := s.lambda(ctx, http.MethodPost, functionsPath+function+"/policy", fields{
			"StatementId": p.id, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": p.rule,
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *session) removePermissions(ctx context.Context, function string, ids []string) error {
	for _, id := range ids {
		err := s.lambda(ctx, http.MethodDelete, functionsPath+function+"/policy/"+url.PathEscape(id), nil, nil)
		if err != nil && !isMissing(err) {
			return err
		}
	}
	return nil
}
