package deploy

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"time"

	"stormbus/internal/plan"
)

// difference is how a function of the server differs from the plan's.
type difference struct {
	fields                 []string
	code, settings, invoke bool
	missing                []permission // permissions to add
	wrong                  []string     // ids of permissions to replace
	stale                  []string     // ids of permissions to remove
}

func (s *session) compareFunction(have *functionState, f plan.Function, zip []byte) difference {
	var d difference
	differs := func(field string, differ bool, part *bool) {
		if differ {
			d.fields = append(d.fields, field)
			*part = true
		}
	}
	if zip != nil {
		sum := sha256.Sum256(zip)
		differs("code", have.CodeSha256 != base64.StdEncoding.EncodeToString(sum[:]), &d.code)
	}
	differs("runtime", have.Runtime != f.Runtime, &d.settings)
	differs("handler", have.Handler != f.Handler(), &d.settings)
	differs("role", have.Role != s.role(f), &d.settings)
	differs("timeout", have.Timeout != int(f.Timeout/time.Second), &d.settings)
	differs("memory", have.MemorySize != f.MemoryMB, &d.settings)
	differs("environment", !maps.Equal(have.Environment.Variables, f.Environment), &d.settings)
	differs("deadLetters", have.DeadLetterConfig.TargetArn != queueARN(s.Scope, f.DeadLetters), &d.settings)
	wanted := invokeOf(f)
	differs("retries", !same(have.invoke.MaximumRetryAttempts, wanted.MaximumRetryAttempts), &d.invoke)
	differs("maxAge", !same(have.invoke.MaximumEventAgeInSeconds, wanted.MaximumEventAgeInSeconds), &d.invoke)
	d.missing, d.wrong, d.stale = comparePermissions(have.statements, s.permissions(f))
	var permissions bool
	differs("invokers", len(d.missing)+len(d.stale) > 0, &permissions)
	return d
}

func same(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
