package events

import (
	"errors"
	"strings"
	"testing"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/store"
)

// nowhere is Targets that reach nothing.
type nowhere struct{}

func (nowhere) Resolve(arn.ARN, TargetParams) (delivery.Target, error) {
	return nil, errors.New("there is no such target any more")
}

// TestStartSaysWhatIsWrong: a server that cannot carry what it has promised does
// not start.
func TestStartSaysWhatIsWrong(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	h.putRule("cinema", "held", heldPattern)
	h.putTargets("cinema", "held", "a")
	h.Service.targets = nowhere{}
	err := h.Start(h.ctx)
	const want = "load rule arn:aws:events:eu-west-1:123456789012:rule/cinema/held: target a: "
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "no such target any more") {
		t.Errorf("Start = %v, want it to name rule, target and reason", err)
	}
	for key, row := range map[string]string{
		busPrefix + "x":         "\x01{",
		rulePrefix + "x":        "\x02{}",
		goneLanePrefix + "long": "\x01",
		goneBusPrefix + "x":     "\x01",
	} {
		h := newHarness(t)
		err := h.store.Update(h.ctx, store.Meta, func(tx store.Tx) error {
			tx.Set([]byte(key+"long"), []byte(row))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Start(h.ctx); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("Start with a bad row %q = %v, want %v", key, err, store.ErrDamaged)
		}
	}
}
