from infusion_guide.operation.metrics import Metrics


def test_what_was_counted_is_rendered():
    metrics = Metrics()
    metrics.turns.labels("web", "answer").inc()
    with metrics.stage("agent"):
        pass
    text = metrics.rendered().decode()
    assert 'guide_turns_total{door="web",outcome="answer"} 1.0' in text
    assert 'guide_stage_seconds_count{stage="agent"} 1.0' in text
    assert "guide_shared_store_up 1.0" in text
