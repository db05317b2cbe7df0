"""What visitors meet beside the pages: the form's endpoint, mailed links, calendars."""

from django.urls import URLPattern, path

from networks.public import (
    calendars,
    charge_payment,
    check_in,
    confirmation,
    contributions,
    guest_invitation,
    handing_over,
    joining,
    member_invoices,
    member_meetings,
    my_data,
    my_membership,
    participants,
    personal_link,
    signup,
    taking_over,
)

urlpatterns: list[URLPattern] = [
    path("tilmelding/<int:page_id>/", signup.submit, name="signup"),
    path("tilmelding/modtaget/<str:receipt>/", signup.done, name="signup_done"),
    path("bekraeft/<str:token>/", confirmation.confirm, name="confirm"),
    path("accept/<str:token>/", confirmation.accept, name="accept"),
    path("betaling/<str:token>/", my_membership.payment, name="payment"),
    path("mit-medlemskab/<str:token>/", my_membership.membership, name="membership"),
    path("mit-medlemskab/<str:token>/udmeld/", my_membership.cancel, name="membership_cancel"),
    path(
        "mit-medlemskab/<str:token>/bliv/",
        my_membership.undo_cancellation,
        name="membership_undo",
    ),
    path(
        "mit-medlemskab/<str:token>/plads/", my_membership.answer_offer, name="membership_offered"
    ),
    path(
        "mit-medlemskab/<str:token>/andet/<uuid:other>/",
        my_membership.open_other,
        name="membership_other",
    ),
    path(
        "mit-medlemskab/<str:token>/anmodning/<int:key>/",
        joining.answer_own,
        name="membership_join",
    ),
    path(
        "mit-medlemskab/<str:token>/moeder/", member_meetings.meetings, name="membership_meetings"
    ),
    path(
        "mit-medlemskab/<str:token>/moeder/kalender/",
        member_meetings.make_calendar,
        name="membership_make_calendar",
    ),
    path(
        "mit-medlemskab/<str:token>/materiale/<int:key>/",
        member_meetings.material,
        name="membership_material",
    ),
    path(
        "mit-medlemskab/<str:token>/deltagere/",
        participants.participants,
        name="membership_participants",
    ),
    path(
        "mit-medlemskab/<str:token>/deltagere/tilfoej/",
        participants.name,
        name="membership_participant_name",
    ),
    path(
        "mit-medlemskab/<str:token>/deltagere/<int:participant>/ret/",
        participants.correct,
        name="membership_participant_correct",
    ),
    path(
        "mit-medlemskab/<str:token>/deltagere/<int:participant>/fjern/",
        participants.take_off,
        name="membership_participant_off",
    ),
    path(
        "mit-medlemskab/<str:token>/moeder/<int:meeting>/deltagere/<int:participant>/byt/",
        participants.swap,
        name="membership_participant_swap",
    ),
    path(
        "mit-medlemskab/<str:token>/moeder/<int:meeting>/deltagere/<int:participant>/frigiv/",
        participants.give_back,
        name="membership_participant_give_back",
    ),
    path(
        "mit-medlemskab/<str:token>/betaling/<uuid:charge_id>/",
        charge_payment.charge_payment,
        name="charge_payment",
    ),
    path(
        "mit-medlemskab/<str:token>/fakturaer/",
        member_invoices.invoices,
        name="membership_invoices",
    ),
    path(
        "mit-medlemskab/<str:token>/fakturaer/<uuid:invoice_id>.<str:extension>",
        member_invoices.invoice_file,
        name="membership_invoice_file",
    ),
    path(
        "mit-medlemskab/<str:token>/fakturaer/oplysninger/",
        member_invoices.buyer,
        name="membership_buyer",
    ),
    path("mit-medlemskab/<str:token>/data/", my_data.data, name="membership_data"),
    path("mit-medlemskab/<str:token>/data/adresse/", my_data.address, name="membership_address"),
    path("mit-medlemskab/<str:token>/data/sprog/", my_data.language, name="membership_language"),
    path("mit-medlemskab/<str:token>/data/slet/", my_data.erasure, name="membership_erasure"),
    path("mit-medlemskab/<str:token>/data/alt/", my_data.everything, name="membership_everything"),
    path("mit-medlemskab/<str:token>/data/hent/", my_data.download, name="membership_download"),
    path(
        "mit-medlemskab/<str:token>/data/hent.pdf",
        my_data.download_pdf,
        name="membership_download_pdf",
    ),
    path(
        "mit-medlemskab/<str:token>/data/samtykke/<int:given>/",
        my_data.withdraw_consent,
        name="membership_consent_withdraw",
    ),
    path(
        "mit-medlemskab/<str:token>/overdrag/",
        handing_over.hand_over,
        name="membership_handover",
    ),
    path(
        "mit-medlemskab/<str:token>/overdrag/<int:key>/",
        handing_over.withdraw,
        name="membership_handover_withdraw",
    ),
    path("mit-medlemskab/<str:token>/emner/", contributions.topics, name="membership_topics"),
    path("mit-medlemskab/<str:token>/emner/nyt/", contributions.propose, name="membership_propose"),
    path("mit-medlemskab/<str:token>/emner/tilbud/", contributions.offer, name="membership_offer"),
    path(
        "mit-medlemskab/<str:token>/emner/<int:topic_id>/stoette/",
        contributions.support,
        name="membership_support",
    ),
    path(
        "mit-medlemskab/<str:token>/traek-tilbage/<str:kind>/<int:key>/",
        contributions.withdraw,
        name="membership_withdraw",
    ),
    path(
        "mit-medlemskab/<str:token>/netvaerkets-deltagere/",
        contributions.people,
        name="membership_fellows",
    ),
    path("indtjekning/<str:token>/", check_in.check_in, name="check_in"),
    path("invitation/<str:token>/", guest_invitation.invitation, name="guest_invitation"),
    path("tag-med/<str:token>/", joining.answer, name="join"),
    path("overdragelse/<str:token>/", handing_over.answer, name="handover"),
    path("overtag/<str:token>/", taking_over.confirm, name="take_over"),
    path("indsigelse/<str:token>/", taking_over.objection, name="objection"),
    path("ny-adresse/<str:token>/", my_data.new_address, name="new_address"),
    path("kontaktperson-fratraadt/", taking_over.contact_left, name="contact_left"),
    path("nyt-link/", personal_link.new_link, name="new_link"),
    path("kalender/moede/<int:meeting_id>.ics", calendars.meeting, name="meeting_calendar"),
    path("kalender/medlemskab/<str:token>.ics", calendars.membership, name="membership_calendar"),
    path("kalender/netvaerk/<int:page_id>.ics", calendars.network, name="network_calendar"),
]
