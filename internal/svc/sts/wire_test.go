package sts_test

import (
	"context"
	"fmt"
	"testing"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/sts"
	"stormbus/internal/svc/sts"
	"stormbus/internal/wire"
	"stormbus/internal/wire/wiretest"
)

func TestWire(t *testing.T) {
	server := wire.NewServer(wire.Config{Services: []wire.Service{{Model: shape.Model, Operations: sts.New().Operations()}}})
	wiretest.Run(t, server, "testdata/*.txtar")
}

func Example() {
	ctx := wire.NewContext(context.Background(), wire.Request{Scope: arn.Scope{Account: "123456789012"}})
	out, err := sts.New().GetCallerIdentity(ctx, &shape.GetCallerIdentityInput{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*out.Account, *out.Arn)
	// Output: 123456789012 arn:aws:iam::123456789012:root
}
