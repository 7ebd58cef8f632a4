package target_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/svc/events"
	"stormbus/internal/target"
)

// fakeBuses knows one bus, and notes what is forwarded to it.
type fakeBuses struct {
	err error
	got []string
}

func (f *fakeBuses) FindBus(_ context.Context, a arn.ARN) (bus.BusID, error) {
	if f.err != nil {
		return 0, f.err
	}
	if a != scope.EventBus("orders") {
		return 0, events.ErrNoBus
	}
	return 7, nil
}

func (f *fakeBuses) Forward(_ context.Context, to bus.BusID, name string, ds []delivery.Delivery) []error {
	out := make([]error, len(ds))
	for i, d := range ds {
		if d.EventID == "bad" {
			out[i] = &delivery.Failure{Code: delivery.CodeThirdAccountHopDetected, Permanent: true}
			continue
		}
		f.got = append(f.got, string(rune('0'+to))+" "+name+" "+string(d.Event))
	}
	return out
}

func TestBus(t *testing.T) {
	t.Parallel()
	f := &fakeBuses{}
	to, err := target.Bus(f, f)(scope.EventBus("orders"), events.TargetParams{})
	if err != nil {
		t.Fatal(err)
	}
	errs := to.Deliver(t.Context(), []delivery.Delivery{{Event: []byte("a")}, {EventID: "bad"}, {Event: []byte("b")}})
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("outcomes = %v, want the second one to have failed", errs)
	}
	if diff := cmp.Diff([]string{"7 orders a", "7 orders b"}, f.got); diff != "" {
		t.Errorf("forwarded (-want +got):\n%s", diff)
	}
}

func TestBusFails(t *testing.T) {
	t.Parallel()
	f := &fakeBuses{}
	missing, err := target.Bus(f, f)(scope.EventBus("nothing"), events.TargetParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range missing.Deliver(t.Context(), make([]delivery.Delivery, 2)) {
		if got, ok := errors.AsType[*delivery.Failure](err); !ok || !got.Permanent || got.Code != delivery.CodeNoResource {
			t.Errorf("missing bus: %v, want a permanent failure NO_RESOURCE", err)
		}
	}
	f.err = errors.New("other")
	if err := missing.Deliver(t.Context(), make([]delivery.Delivery, 1))[0]; !errors.Is(err, f.err) {
		t.Errorf("other error became %v", err)
	}
	if _, err := target.Bus(f, f)(scope.Rule("default", "r"), events.TargetParams{}); err == nil {
		t.Error("a rule was taken as a target")
	}
}
